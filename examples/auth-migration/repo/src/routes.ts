import { showHealth } from './handlers/health.ts';
import { issueInvoice, listInvoices, settleInvoice } from './handlers/invoices.ts';
import { listOrders, placeOrder, shipOrder, showOrder } from './handlers/orders.ts';
import { downloadReport, showRevenue } from './handlers/reports.ts';
import { signIn } from './handlers/sessions.ts';
import { listUsers, showMe } from './handlers/users.ts';
import type { Handler } from './http/exchange.ts';

/** What a caller can bring along to show who they are. */
export type Credential = 'session';

export interface Route {
  method: 'GET' | 'POST';
  /** `:name` stands for any one segment. */
  path: string;
  credential: Credential | 'none';
  handle: Handler;
}

export const routes: Route[] = [
  // Open to everyone
  { method: 'GET', path: '/health', credential: 'none', handle: showHealth },
  { method: 'POST', path: '/sessions', credential: 'none', handle: signIn },

  // Orders
  { method: 'GET', path: '/orders', credential: 'session', handle: listOrders },
  { method: 'POST', path: '/orders', credential: 'session', handle: placeOrder },
  { method: 'GET', path: '/orders/:id', credential: 'session', handle: showOrder },
  { method: 'POST', path: '/orders/:id/shipment', credential: 'session', handle: shipOrder },

  // Users
  { method: 'GET', path: '/me', credential: 'session', handle: showMe },
  { method: 'GET', path: '/users', credential: 'session', handle: listUsers },

  // Invoices
  { method: 'GET', path: '/invoices', credential: 'session', handle: listInvoices },
  { method: 'POST', path: '/invoices', credential: 'session', handle: issueInvoice },
  { method: 'POST', path: '/invoices/:id/payment', credential: 'session', handle: settleInvoice },

  // Reports
  { method: 'GET', path: '/reports/revenue', credential: 'session', handle: showRevenue },
  { method: 'GET', path: '/reports/files/:file', credential: 'session', handle: downloadReport },
];
