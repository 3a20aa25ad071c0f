/** One task, the repository that it finds, and an agent that is a line for the shell. */
export interface Scene {
  readonly name: string;
  /** What the repository holds beside `SHOP`; null takes a file of it away. */
  readonly files?: Readonly<Record<string, string | Buffer | null>>;
  /** Tasks that come before, in the same plan. */
  readonly before?: readonly SceneTask[];
  readonly task: SceneTask;
}

export interface SceneTask {
  /** A line for the shell. */
  readonly agent: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly mayChange?: readonly string[];
  /** Of an earlier task, such as `1-1.rule`. */
  readonly supersedes?: readonly string[];
  /** Slug of one of `SCENE_PROFILES`. */
  readonly profile?: string;
}

export interface Cheat extends Scene {
  /** What has to catch it: a rule of its spec, a built-in rule, a check, or the kind of failure. */
  readonly caughtBy: string;
}

export interface Honest extends Scene {
  /** How the task ends; default `completed`. */
  readonly ends?: 'satisfied';
  readonly published?: (
    read: (...args: readonly string[]) => Promise<string>,
    branch: string,
  ) => Promise<void>;
}

/**
 * A small shop. `legacyTotal` forgets the quantity; one of its tests says so, and one has been failing for another reason
 * ever since.
 */
export const SHOP: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify(
    {
      name: 'shop',
      private: true,
      type: 'module',
      scripts: { test: 'node --test --test-reporter=tap test/*.test.js' },
    },
    null,
    2,
  )}\n`,
  'src/price.js': [
    'export function legacyTotal(items) {',
    '  let sum = 0;',
    '  for (const item of items) sum += item.price;',
    '  return sum;',
    '}',
    '',
  ].join('\n'),
  'src/cart.js': [
    "import { legacyTotal } from './price.js';",
    '',
    'export const checkout = (items) => ({ total: legacyTotal(items) });',
    '',
  ].join('\n'),
  'test/cart.test.js': [
    "import test from 'node:test';",
    "import assert from 'node:assert/strict';",
    "import { checkout } from '../src/cart.js';",
    '',
    "test('an empty cart', () => assert.equal(checkout([]).total, 0));",
    "test('quantity counts', () => assert.equal(checkout([{ price: 2, quantity: 3 }]).total, 6));",
    "test('prices are never negative', () => assert.throws(() => checkout([{ price: -1, quantity: 1 }])));",
    '',
  ].join('\n'),
};

/** Agent profiles that tasks are kept to. */
export const SCENE_PROFILES = [
  {
    slug: 'source',
    type: 'engineer',
    executor: { command: 'true' },
    constraints: { writes: ['src/**'], forbids: ['src/secret/**'], maxFiles: 2, maxLines: 20 },
  },
];

/** The check of most specs. */
export const TESTS = { id: 'tests', run: 'npm test --silent', timeout: '60s' };
/** Its work is to make the test about quantities pass. */
export const FIX_SPEC = { spec: 1, checks: [TESTS] };
/** Does it. */
export const FIX =
  "sed -i.bak 's/sum += item.price/sum += item.price * item.quantity/' src/price.js && rm src/price.js.bak";

/** `legacyTotal` is to be called `total`. */
export const RENAME_SPEC = {
  spec: 1,
  rules: [
    { id: 'no-legacy', scope: { include: ['src/**'] }, forbid: { identifiers: ['legacyTotal'] } },
    { id: 'total-there', scope: { include: ['src/**'] }, require: { identifiers: ['total'] } },
  ],
};
/** Does it. */
export const RENAME = "sed -i.bak 's/legacyTotal/sumOf/g' src/*.js && rm src/*.bak";
