import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiProcess, type Answer } from '#testing/api-process.js';
import { commitAll, createOrigin, git } from '#testing/git-repositories.js';

const FILES = {
  'src/app.ts': `import express from 'express';
import { orders } from './orders.js';
const app = express();
app.use('/api/orders', orders);
`,
  'src/orders.ts': `import { Router } from 'express';
export const orders = Router();
orders.get('/', (req, res) => res.json([]));
orders.post('/', async (req, res) => {
  res.json(await createOrder(req.body));
});

export async function createOrder(body: Order) {
  return body;
}
`,
  'ui/order-card.tsx': `export function OrderCard({ order }) {
  return <p>{order.name}</p>;
}
`,
  'src/very-long.ts': `export function createLong() {\n${'  more();\n'.repeat(100)}}\n`,
};

let api: ApiProcess;
let origin: string;
let id: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  origin = await createOrigin(await api.folder.next('demo'), FILES);
  id = String((await api.post('/api/repositories', { origin })).body['id']);
});
afterAll(() => api.stop());

const ask = (query: Record<string, string>): Promise<Answer> =>
  api.get(`/api/repositories/${id}/analogous?${new URLSearchParams(query)}`, {
    authorization: `Bearer ${api.token}`,
  });
const found = async (query: Record<string, string>) => (await ask(query)).body['items'];

test('routes, functions and components come with place, signature and code, the most alike first', async () => {
  const answer = await ask({ kind: 'api_route', like: 'POST /api/users', limit: '2' });
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({
    commit: await git(origin, 'rev-parse', 'HEAD'),
    items: [
      {
        name: 'POST /api/orders',
        file: 'src/orders.ts',
        startLine: 4,
        endLine: 6,
        signature: 'async (req, res) =>',
        snippet: FILES['src/orders.ts'].split('\n').slice(3, 6).join('\n'),
        whole: true,
      },
      { name: 'GET /api/orders', startLine: 3, endLine: 3 },
    ],
  });
  expect(await found({ kind: 'function', like: 'createUser' })).toMatchObject([
    {
      name: 'createOrder',
      signature: 'export async function createOrder(body: Order)',
      startLine: 8,
      endLine: 10,
    },
    { name: 'createLong' },
  ]);
  expect(await found({ kind: 'component', like: 'UserCard' })).toMatchObject([
    { name: 'OrderCard', startLine: 1 },
  ]);
});

test('a long one is cut, and says so', async () => {
  const [long] = (await found({ kind: 'function', like: 'createLong' })) as {
    snippet: string;
    whole: boolean;
  }[];
  expect(long).toMatchObject({ score: 1, endLine: 102, whole: false });
  expect(long?.snippet.split('\n')).toHaveLength(40);
});

test('another ref is another commit, and what was read outlives the process', async () => {
  await git(origin, 'checkout', '--quiet', '-b', 'more');
  await writeFile(join(origin, 'src/users.ts'), 'export function createUser() {}\n');
  await commitAll(origin, 'More');
  await git(origin, 'checkout', '--quiet', 'main');
  const query = { kind: 'function', like: 'createUser' };
  expect(await found({ ...query, ref: 'more' })).toMatchObject([{ name: 'createUser', score: 1 }, {}, {}]);
  expect(await found(query)).toHaveLength(2);
  expect(await readdir(join(api.home, 'workers/api/facts'))).not.toEqual([]);
});

test('what cannot be looked for is refused', async () => {
  for (const [query, status] of [
    [{ kind: 'api_route', like: 'users' }, 422],
    [{ kind: 'function', like: '()' }, 422],
    [{ kind: 'class', like: 'User' }, 422],
    [{ kind: 'function', like: 'x', limit: '51' }, 422],
    [{ kind: 'function', like: 'x', ref: 'no-such-branch' }, 422],
  ] as const)
    expect((await ask({ ...query })).status).toBe(status);
  const unknown = '/api/repositories/00000000-0000-7000-8000-000000000000/analogous?kind=function&like=x';
  expect((await api.get(unknown, { authorization: `Bearer ${api.token}` })).status).toBe(404);
});
