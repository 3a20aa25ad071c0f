import { requireRole } from '../auth/caller.ts';
import { legacyAuth } from '../auth/legacy-auth.ts';
import { httpError, readJson } from '../http/exchange.ts';
import type { Exchange, Reply } from '../http/exchange.ts';
import type { Order, Store } from '../store.ts';

export function listOrders({ req, store }: Exchange): Reply {
  legacyAuth(req);
  return { status: 200, body: { orders: store.orders } };
}

export function showOrder({ req, params, store }: Exchange): Reply {
  legacyAuth(req);
  return { status: 200, body: findOrder(store, params.id) };
}

export async function placeOrder({ req, store }: Exchange): Promise<Reply> {
  const caller = legacyAuth(req);
  const { vessel, article, quantity, price } = await readJson(req);
  if (typeof vessel !== 'string' || typeof article !== 'string') {
    throw httpError(400, 'An order names its vessel and its article.');
  }
  if (!isCount(quantity) || !isCount(price)) {
    throw httpError(400, 'An order has a quantity and a price in cents.');
  }

  const id = `o${store.orders.length + 1}`;
  const order: Order = { id, vessel, article, quantity, price, placedBy: caller.userId, status: 'open' };
  store.orders.push(order);
  return { status: 201, body: order };
}

export function shipOrder({ req, params, store }: Exchange): Reply {
  requireRole(legacyAuth(req), 'manager');
  const order = findOrder(store, params.id);
  if (order.status === 'shipped') throw httpError(409, 'The order is on its way already.');
  order.status = 'shipped';
  return { status: 200, body: order };
}

function findOrder(store: Store, id: string): Order {
  const order = store.orders.find((one) => one.id === id);
  if (order === undefined) throw httpError(404, `There is no order ${id}.`);
  return order;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}
