import type { PatternKind } from '#domain/patterns/rank.js';
import { MemorySource, type Files } from '#testing/memory-source.js';
import { createFacts } from './facts-adapter.js';

const declarationsOf = async (kind: PatternKind, files: Files) => {
  const facts = createFacts();
  const source = new MemorySource({ c: files });
  const found = await facts.declarations({ source, commit: 'c', kind });
  await facts.close();
  return found.map(({ file, name, startLine, endLine, signature }) => [
    file,
    name,
    startLine,
    endLine,
    signature,
  ]);
};

test('functions have signatures that say how they are named and exported', async () => {
  const files = {
    'a.ts': `export async function one(a: string) {
  return 1;
}
export const two = async (a, b) => {};
const three = memo(function (props) {});
[1].map((x) => x);
class A {
  private four() {}
}`,
    'b.py': 'async def five(a):\n    pass\n',
    'c.md': 'function six() {}',
  };
  expect(await declarationsOf('function', files)).toEqual([
    ['a.ts', 'one', 1, 3, 'export async function one(a: string)'],
    ['a.ts', 'two', 4, 4, 'export const two = async (a, b) =>'],
    ['a.ts', 'three', 5, 5, 'const three = memo(function (props)'],
    ['a.ts', 'four', 8, 8, 'private four()'],
    ['b.py', 'five', 1, 2, 'async def five(a):'],
  ]);
});

test('components are functions and classes with markup', async () => {
  const files = {
    'a.tsx': `export function Card({ title }: Props) {
  return <h1>{title}</h1>;
}
export class Old extends React.Component {
  render() { return <b/>; }
}
export function helper() {}`,
  };
  expect(await declarationsOf('component', files)).toEqual([
    ['a.tsx', 'Card', 1, 3, 'export function Card({ title }: Props)'],
    ['a.tsx', 'Old', 4, 6, 'export class Old extends React.Component'],
  ]);
});

test('routes have the prefixes of their routers, and reach to the end of their handler', async () => {
  const files = {
    'src/app.ts': `import express from 'express';
import { users } from './users.js';
const app = express();
app.use('/api/users', users);
app.get('/health', health);
function health() {
  return 1;
}`,
    'src/users.ts': `import { Router } from 'express';
export const users = Router();
users.post('/', async (req, res) => {
  res.end();
});
users.get(
  '/:id',
  (req, res) => {
    res.end();
  },
);`,
    'main.py': `from fastapi import FastAPI
app = FastAPI()

@app.post("/orders")
async def create_order(order: Order):
    return order
`,
  };
  const found = await declarationsOf('api_route', files);
  expect(found.map((each) => each.slice(0, 4)).sort()).toEqual([
    ['main.py', 'POST /orders', 4, 6],
    ['src/app.ts', 'GET /health', 5, 5],
    ['src/users.ts', 'GET /api/users/:id', 6, 10],
    ['src/users.ts', 'POST /api/users', 3, 5],
  ]);
});
