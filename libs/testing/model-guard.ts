import type { Guard } from '#domain/plan/change.js';

export type Lease = 'none' | 'held' | 'expired';

/** A guard met no row: like the store's Fenced, nothing of the decision is kept. */
export class ModelFenced extends Error {}

/** Moves a row, or fences whoever expected another status. */
export function move<S>(row: { status: S }, { from, to }: { readonly from: S; readonly to: S }): void {
  if (row.status !== from)
    throw new ModelFenced(`${String(from)} → ${String(to)}, but it is ${String(row.status)}`);
  row.status = to;
}

/** Moves a leased row that its holder names by token and epoch. */
export function guard<S>(
  row: { status: S; token: number; epoch: number; lease: Lease },
  change: Guard & { readonly from: S; readonly to: S },
  epoch: number,
): void {
  if (row.epoch !== (change.epoch ?? epoch)) throw new ModelFenced(`epoch ${epoch}, but it is ${row.epoch}`);
  if (row.token !== change.token) throw new ModelFenced(`token ${change.token}, but it is ${row.token}`);
  move(row, change);
  if (change.lease === 'take') row.token += 1;
  if (change.lease !== 'keep') row.lease = change.lease === 'take' ? 'held' : 'none';
}
