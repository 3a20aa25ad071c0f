import { requireRole } from '../auth/caller.ts';
import { legacyAuth } from '../auth/legacy-auth.ts';
import { httpError, readJson } from '../http/exchange.ts';
import type { Exchange, Reply } from '../http/exchange.ts';
import type { Invoice } from '../store.ts';

export function listInvoices({ req, store }: Exchange): Reply {
  legacyAuth(req);
  return { status: 200, body: { invoices: store.invoices } };
}

export async function issueInvoice({ req, store }: Exchange): Promise<Reply> {
  requireRole(legacyAuth(req), 'manager');
  const { orderId } = await readJson(req);
  const order = store.orders.find((one) => one.id === orderId);
  if (order === undefined) throw httpError(404, `There is no order ${orderId}.`);
  if (store.invoices.some((one) => one.orderId === orderId))
    throw httpError(409, 'The order has an invoice already.');

  const id = `i${store.invoices.length + 1}`;
  const invoice: Invoice = { id, orderId: order.id, amount: order.price, status: 'due' };
  store.invoices.push(invoice);
  return { status: 201, body: invoice };
}

export function settleInvoice({ req, params, store }: Exchange): Reply {
  requireRole(legacyAuth(req), 'manager');
  const invoice = store.invoices.find((one) => one.id === params.id);
  if (invoice === undefined) throw httpError(404, `There is no invoice ${params.id}.`);
  invoice.status = 'paid';
  return { status: 200, body: invoice };
}
