import fc from 'fast-check';
import { PATTERN_KINDS, rankPatterns, whyNotLike, type Declaration, type Wanted } from './rank.js';
import { asName, asRoute, nameParts, nameSimilarity, routeSimilarity } from './similarity.js';
import { shapeSimilarity, signatureShape } from './signature.js';

const declared = (name: string, file = 'src/a.ts', signature = ''): Declaration => {
  return { file, startLine: 1, endLine: 9, name, signature };
};
const ranked = (wanted: Wanted, all: readonly Declaration[], limit = 10) =>
  rankPatterns(wanted, all, limit).map(({ declaration }) => declaration.name);

const word = fc.constantFrom('get', 'create', 'user', 'users', 'order', 'plan', 'list', 'x');
const name = fc
  .array(word, { minLength: 1, maxLength: 4 })
  .map(
    ([first = '', ...rest]) => first + rest.map((each) => each[0]?.toUpperCase() + each.slice(1)).join(''),
  );
const path = fc
  .array(fc.oneof(word, fc.constantFrom('{id}', ':id', '<int:pk>')), { maxLength: 5 })
  .map((segments) => `/${segments.join('/')}`);
const route = fc.tuple(fc.constantFrom('GET', 'POST', 'ANY'), path).map((parts) => parts.join(' '));
const signature = fc.constantFrom(
  '',
  'function f()',
  'export async function f(a, b)',
  'func F(a int)',
  '(a) =>',
);
const file = fc.constantFrom('src/a.ts', 'src/users/b.ts', 'src/users/b.test.ts', 'lib/c.py');
const declaration = fc.record({
  file,
  startLine: fc.integer({ min: 1, max: 5 }),
  endLine: fc.integer({ min: 5, max: 9 }),
  name: fc.oneof(name, route),
  signature,
});
const wanted = fc.oneof(
  fc.record({ kind: fc.constant('api_route' as const), like: route, near: file }),
  fc.record({ kind: fc.constantFrom('function' as const, 'component' as const), like: name, near: file }),
);

test('the order of what is given changes nothing, and a smaller limit is the beginning of a larger one', () => {
  fc.assert(
    fc.property(wanted, fc.array(declaration, { maxLength: 200 }), fc.integer(), (like, all, seed) => {
      const whole = rankPatterns(like, all, 1_000);
      const shuffled = [...all].sort(
        (a, b) => ((a.startLine * 7919 + seed) % 13) - ((b.endLine * 31 + seed) % 7),
      );
      expect(rankPatterns(like, shuffled, 1_000)).toEqual(whole);
      expect(rankPatterns(like, all, 3)).toEqual(whole.slice(0, 3));
      expect(whole.every(({ score }) => score > 0 && score <= 1)).toBe(true);
    }),
  );
});

test('the very name comes before every other one, wherever it lies and whatever its shape', () => {
  fc.assert(
    fc.property(wanted, fc.array(declaration, { maxLength: 50 }), file, signature, (like, all, at, shape) => {
      const same = declared(like.like, at, shape);
      const others = all.filter((each) =>
        like.kind === 'api_route'
          ? routeSimilarity(asRoute(each.name), asRoute(like.like)) < 1
          : each.name !== like.like,
      );
      const [first] = rankPatterns(like, [...others, same], 3);
      expect(first?.declaration).toEqual(same);
      expect(first?.score).toBeGreaterThanOrEqual(0.8);
    }),
  );
});

test('likeness is the same from both sides, between nothing and all, and all for the same one', () => {
  fc.assert(
    fc.property(
      fc.oneof(name, fc.string()),
      fc.oneof(name, fc.string()),
      route,
      route,
      (a, b, one, other) => {
        const [left, right] = [asName(a), asName(b)];
        const pairs = [
          [nameSimilarity(left, right), nameSimilarity(right, left), nameSimilarity(left, left)],
          [
            routeSimilarity(asRoute(one), asRoute(other)),
            routeSimilarity(asRoute(other), asRoute(one)),
            routeSimilarity(asRoute(one), asRoute(one)),
          ],
        ];
        for (const [there, back, self] of pairs) {
          expect(there).toBeCloseTo(back ?? -1, 12);
          expect(there).toBeGreaterThanOrEqual(0);
          expect(there).toBeLessThanOrEqual(1);
          expect(self).toBe(1);
        }
      },
    ),
  );
  fc.assert(
    fc.property(signature, signature, (a, b) => {
      const [left, right] = [signatureShape(a), signatureShape(b)];
      expect(shapeSimilarity(left, right)).toBe(shapeSimilarity(right, left));
    }),
  );
});

test('names are words, whatever joins them', () => {
  for (const written of ['createUser', 'create_user', 'CreateUser', 'create-user'])
    expect(nameParts(written)).toEqual(['create', 'user']);
  expect(nameParts('parseHTTPHeader2')).toEqual(['parse', 'http', 'header2']);
});

test('routes are ranked by method, number and kind of segments, and shared segments', () => {
  const all = ['GET /api/users', 'POST /api/orders', 'POST /api/orders/{id}/lines', 'DELETE /health'];
  expect(
    ranked(
      { kind: 'api_route', like: 'POST /api/users' },
      all.map((each) => declared(each)),
    ),
  ).toEqual(['POST /api/orders', 'GET /api/users', 'POST /api/orders/{id}/lines']);
  expect(routeSimilarity(asRoute('get /users/:id/'), asRoute('GET /users/{user}'))).toBe(1);
});

test('functions are ranked by the words of their names, then by shape and folder; tests come last', () => {
  const like = { kind: 'function', like: 'createInvoice' } as const;
  const names = ['createOrder', 'deleteInvoice', 'createInvoices', 'unrelated', 'invoiceCreate'];
  expect(
    ranked(
      like,
      names.map((each) => declared(each)),
    ),
  ).toEqual(['invoiceCreate', 'createInvoices', 'createOrder', 'deleteInvoice']);
  const twins = [
    declared('createOrder', 'test/orders.ts', 'function createOrder()'),
    declared('createOrder', 'src/z.ts', 'function createOrder(a)'),
    declared('createOrder', 'src/orders.ts', 'async function createOrder(a, b)'),
  ];
  const files = (wanted: Wanted) => rankPatterns(wanted, twins, 3).map((each) => each.declaration.file);
  expect(files(like)).toEqual(['src/orders.ts', 'src/z.ts', 'test/orders.ts']);
  expect(files({ ...like, near: 'test' })[0]).toBe('test/orders.ts');
  expect(files({ ...like, like: 'createInvoice(a)' })[0]).toBe('src/z.ts');
  expect(files({ ...like, like: 'async createInvoice(a, b)' })[0]).toBe('src/orders.ts');
});

test.each([
  ['function f()', { parameters: 0, isAsync: false, exported: false }],
  [
    'export async function f(a: Map<string, () => void>, { b, c } = {})',
    { parameters: 2, isAsync: true, exported: true },
  ],
  ['export const f = async (a, b,) =>', { parameters: 2, isAsync: true, exported: true }],
  ['value =>', { parameters: 1, isAsync: false, exported: null }],
  ['async def _f(self, a)', { parameters: 2, isAsync: true, exported: false }],
  ['func (s *Server) F(a int, b string) error', { parameters: 2, isAsync: false, exported: true }],
  ['public User f(@Body User user)', { parameters: 1, isAsync: false, exported: true }],
])('the shape of %s', (text, shape) => {
  expect(signatureShape(text, text.startsWith('async def') ? '_f' : 'F')).toEqual(shape);
});

test('what names nothing cannot be looked for', () => {
  for (const kind of PATTERN_KINDS) expect(whyNotLike(kind, '( )')).not.toBeNull();
  expect(whyNotLike('api_route', 'users')).not.toBeNull();
  expect(whyNotLike('api_route', 'POST /api/users')).toBeNull();
  expect(whyNotLike('function', 'export async function createUser(a)')).toBeNull();
});
