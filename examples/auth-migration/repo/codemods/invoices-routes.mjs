// Invoices ask for a token.
import { switchHandlers, switchRoutes } from './handlers.mjs';

switchHandlers('src/handlers/invoices.ts', {
  listInvoices: 'invoices:read',
  issueInvoice: 'invoices:write',
  settleInvoice: 'invoices:write',
});
switchRoutes('listInvoices', 'issueInvoice', 'settleInvoice');
