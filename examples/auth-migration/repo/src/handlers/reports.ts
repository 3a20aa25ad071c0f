import type { IncomingMessage } from 'node:http';
import { requireRole } from '../auth/caller.ts';
import type { Caller } from '../auth/caller.ts';
import { legacyAuth } from '../auth/legacy-auth.ts';
import { httpError } from '../http/exchange.ts';
import type { Exchange, Reply } from '../http/exchange.ts';
import type { Store } from '../store.ts';

/** A file made on demand, and the guard that lets a caller have it. */
interface Download {
  guard: (req: IncomingMessage) => Caller;
  rows: (store: Store) => string[];
}

const DOWNLOADS: Record<string, Download> = {
  'picking-list.csv': { guard: legacyAuth, rows: pickingList },
  'open-invoices.csv': { guard: managersOnly, rows: openInvoices },
};

export function showRevenue({ req, store }: Exchange): Reply {
  requireRole(legacyAuth(req), 'manager');
  const billed = store.invoices.reduce((sum, invoice) => sum + invoice.amount, 0);
  const paid = store.invoices.reduce(
    (sum, invoice) => sum + (invoice.status === 'paid' ? invoice.amount : 0),
    0,
  );
  return { status: 200, body: { billed, paid, due: billed - paid } };
}

export function downloadReport({ req, params, store }: Exchange): Reply {
  const download = DOWNLOADS[params.file];
  if (download === undefined) throw httpError(404, `There is no report ${params.file}.`);
  download.guard(req);
  return {
    status: 200,
    headers: { 'content-type': 'text/csv; charset=utf-8' },
    body: download.rows(store).join('\n'),
  };
}

function managersOnly(req: IncomingMessage): Caller {
  return requireRole(legacyAuth(req), 'manager');
}

function pickingList({ orders }: Store): string[] {
  const open = orders.filter((order) => order.status === 'open');
  return [
    'order,vessel,article,quantity',
    ...open.map((order) => csvLine(order.id, order.vessel, order.article, order.quantity)),
  ];
}

function openInvoices({ invoices }: Store): string[] {
  const due = invoices.filter((invoice) => invoice.status === 'due');
  return [
    'invoice,order,amount',
    ...due.map((invoice) => csvLine(invoice.id, invoice.orderId, invoice.amount)),
  ];
}

function csvLine(...values: (string | number)[]): string {
  return values
    .map((value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : value))
    .join(',');
}
