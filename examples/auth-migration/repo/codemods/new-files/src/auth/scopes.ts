import type { Role } from '../store.ts';

/** One thing that a token allows its bearer to do. */
export type Scope =
  | 'profile:read'
  | 'orders:read'
  | 'orders:write'
  | 'orders:ship'
  | 'invoices:read'
  | 'invoices:write'
  | 'users:read'
  | 'reports:read';

const SCOPES: Record<Role, Scope[]> = {
  clerk: ['profile:read', 'orders:read', 'orders:write', 'invoices:read'],
  manager: [
    'profile:read',
    'orders:read',
    'orders:write',
    'orders:ship',
    'invoices:read',
    'invoices:write',
    'users:read',
    'reports:read',
  ],
};

export function scopesOf(role: Role): Scope[] {
  return SCOPES[role];
}
