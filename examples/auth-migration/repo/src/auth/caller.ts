import { httpError } from '../http/exchange.ts';
import type { Role } from '../store.ts';

/** Who sends a request. */
export interface Caller {
  userId: string;
  role: Role;
}

export function requireRole(caller: Caller, role: Role): Caller {
  if (caller.role !== role) throw httpError(403, `Only for the role ${role}.`);
  return caller;
}
