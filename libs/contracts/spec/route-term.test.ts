import fc from 'fast-check';
import { routeShape } from '#domain/spec/route-shape.js';
import { compileRouteTerm } from './route-term.js';

function matches(term: string, value: string): boolean {
  const compiled = compileRouteTerm(term);
  if (!compiled.ok) throw new Error(compiled.message);
  return compiled.term.matches(value);
}

test.each([
  ['/users', 'GET /users', true],
  ['/users/', 'GET /users', true],
  ['/users', 'GET /users/', true],
  ['POST /users', 'POST /users', true],
  ['post /users', 'POST /users', true],
  ['POST /users', 'GET /users', false],
  ['POST /users', 'ANY /users', true],
  ['/users', 'ANY /users', true],
  ['/users', 'GET /users/all', false],
  ['/users', 'GET /Users', false],
  ['/', 'GET /', true],
  ['//api//users/', 'GET /api/users', true],
  // One parameter, whatever its framework and name.
  ['/users/:id', 'GET /users/{userId}', true],
  ['/users/{id}', 'GET /users/:x', true],
  ['/users/[id]', 'GET /users/<int:pk>', true],
  ['/users/[id]/', 'GET /users/<pk>', true],
  ['/users/<int:id>', 'GET /users/{id:[0-9]+}', true],
  ['/users/:id', String.raw`GET /users/:id(\d+)`, true],
  ['/users/:id', 'GET /users/:id?', true],
  ['/docs/[...slug]', 'GET /docs/[[...slug]]', true],
  ['/docs/:rest', 'GET /docs/*path', true],
  ['/files/{name}.json', 'GET /files/:name.json', true],
  ['/users/:id', 'GET /users/me', false],
  ['/users/me', 'GET /users/:id', false],
  ['/users/:id', 'GET /users', false],
  ['/users/:id/posts', 'GET /users/:id', false],
  ['/users:export', 'POST /users:import', false],
  // A text between slashes is a regex only where no path is written so.
  ['/api/users/i', 'GET /api/users/i', true],
  ['/users|orders/', 'GET /orders/:id', true],
  ['/^POST /', 'POST /x', true],
  ['/^POST /', 'GET /x', false],
  ['/^POST /', 'ANY /x', true],
  [String.raw`/^\/api\/v[12]\//`, 'GET /api/v2/users', true],
  [String.raw`/^\/api\/USERS$/i`, 'GET /api/users', true],
  [String.raw`/users\/:param$/`, 'GET /users/{id}', true],
  ['/users/.*/', 'GET /users/x/y', true],
])('%s on %s: %s', (term, value, expected) => {
  expect(matches(term, value)).toBe(expected);
});

test.each([
  ['api/users', "write '/api/users'"],
  ['GET users', "write '/users'"],
  ['https://example.org/users', 'write its path only'],
  ['/users?active=1', 'query'],
  ['/users#top', 'fragment'],
  ['/users list', 'space'],
  [' /users', 'space'],
  ['PSOT /users', "did you mean 'POST'"],
  ['ANY /users', 'leave it out'],
  ['^/users$', 'between slashes'],
  ['GET /users/.*/x', 'between slashes'],
  ['/a(/', 'RE2'],
  [String.raw`/users\/\{id\}/`, ':param'],
])('%s can never match, and says what to write', (term, hint) => {
  expect(compileRouteTerm(term)).toEqual({ ok: false, message: expect.stringContaining(hint) });
});

test('a shape is its own shape, and is found in linear time', () => {
  const part = fc.constantFrom(
    'users',
    ':id',
    '{id}',
    '[id]',
    '[...all]',
    '<int:id>',
    '*',
    '{a}-{b}',
    '',
    '{',
    '[x',
    ':',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const { path } = routeShape(`/${parts.join('/')}`);
      expect(routeShape(path).path).toBe(path);
      expect(path).toMatch(/^\/(.*[^/])?$/);
    }),
  );
  const started = performance.now();
  for (const text of ['{', '[', '<', ':a(', '*', '/', ':']) routeShape(`/${text.repeat(200_000)}`);
  expect(performance.now() - started).toBeLessThan(5_000);
});
