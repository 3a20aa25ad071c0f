import { namesOf, shared, wordsOf } from './words.js';

it('finds the words of a request that paths may hold', () => {
  expect(wordsOf('Add rate limits to the userProfile endpoint, please')).toEqual([
    'rate',
    'limit',
    'user',
    'profile',
    'endpoint',
  ]);
  expect(shared(['rate', 'limit'], 'src/RateLimiter.ts')).toBe(2);
});

it('finds routes and names as code would have them', () => {
  const { routes, names } = namesOf(
    'Export invoices',
    'Add `GET /x`, POST /api/invoices/:id/export; see exportOrder and user_name.',
  );
  expect(routes).toEqual(['GET /x', 'POST /api/invoices/:id/export']);
  expect(names).toEqual(expect.arrayContaining(['exportOrder', 'user_name', 'exportInvoice']));
});
