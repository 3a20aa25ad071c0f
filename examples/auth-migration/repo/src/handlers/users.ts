import { requireRole } from '../auth/caller.ts';
import { legacyAuth } from '../auth/legacy-auth.ts';
import { httpError } from '../http/exchange.ts';
import type { Exchange, Reply } from '../http/exchange.ts';
import type { User } from '../store.ts';

/** A user as others may see it. */
interface PublicUser {
  id: string;
  name: string;
  role: string;
}

export function showMe({ req, store }: Exchange): Reply {
  const caller = legacyAuth(req);
  const user = store.users.find((one) => one.id === caller.userId);
  if (user === undefined) throw httpError(404, 'This account is closed.');
  return { status: 200, body: toPublic(user) };
}

export function listUsers({ req, store }: Exchange): Reply {
  requireRole(legacyAuth(req), 'manager');
  return { status: 200, body: { users: store.users.map(toPublic) } };
}

function toPublic({ id, name, role }: User): PublicUser {
  return { id, name, role };
}
