import { compileTableTerm } from './table-term.js';

test.each([
  ['orders', 'orders', true],
  ['orders', 'ORDERS', true],
  ['Orders', 'orders', true],
  ['orders', 'public.orders', true],
  ['orders', 'shop.public.orders', true],
  ['public.orders', 'Public.Orders', true],
  ['public.orders', 'audit.orders', false],
  ['public.orders', 'orders', false],
  ['orders', 'legacy_orders', false],
  ['orders', 'orders.archive', false],
  ['"Orders"', '"Orders"', true],
  ['"Orders"', 'public."Orders"', true],
  ['"Orders"', 'orders', false],
  ['orders', '"Orders"', true],
  ['`orders`', 'orders', true],
  ['[dbo].[Orders]', 'dbo.Orders', true],
  ['"odd name"', '"odd name"', true],
  ['/^legacy_/', 'legacy_orders', true],
  ['/^audit\\./', 'audit."orders"', true],
  ['/^Legacy/i', 'legacy_orders', true],
  ['/^Legacy/', 'legacy_orders', false],
])('%s on %s: %s', (term, value, expected) => {
  const compiled = compileTableTerm(term);
  expect(compiled.ok && compiled.term.matches(value)).toBe(expected);
});

test.each([
  'legacy orders',
  'orders;',
  'legacy_%',
  'a..b',
  '.orders',
  'orders.',
  '"orders',
  '*',
  ' orders',
  '1orders',
])('%p names no table', (term) => {
  expect(compileTableTerm(term)).toEqual({
    ok: false,
    message: expect.stringContaining('not the name of a table'),
  });
});
