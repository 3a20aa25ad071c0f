// Orders ask for a token.
import { switchHandlers, switchRoutes } from './handlers.mjs';

switchHandlers('src/handlers/orders.ts', {
  listOrders: 'orders:read',
  showOrder: 'orders:read',
  placeOrder: 'orders:write',
  shipOrder: 'orders:ship',
});
switchRoutes('listOrders', 'showOrder', 'placeOrder', 'shipOrder');
