import { FIX, FIX_SPEC, RENAME, RENAME_SPEC, SHOP, TESTS, type Honest } from './scene.js';

const CRLF = (SHOP['src/price.js'] ?? '').replaceAll('\n', '\r\n');
const ORDERS_SPEC = {
  spec: 1,
  rules: [{ id: 'orders', scope: { include: ['src/orders/**'] }, require: { identifiers: ['placeOrder'] } }],
};
const NEW_FILE =
  'mkdir -p src/orders && echo "export const placeOrder = (cart) => cart;" > src/orders/place.js';
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'4d'.repeat(32)}\nsize 12345\n`;
const NO_LEGACY = RENAME_SPEC.rules.slice(0, 1);

const work = (
  name: string,
  agent: string,
  spec: Honest['task']['spec'],
  more: Partial<Honest> = {},
): Honest => ({
  name,
  task: { agent, spec },
  ...more,
});

/** Work as people expect it. None may be refused. */
export const HONEST: readonly Honest[] = [
  work('fixes a bug beside a test that fails for another reason', FIX, FIX_SPEC),
  work('fixes a bug beside a test that fails every second run', FIX, FIX_SPEC, {
    files: {
      'test/flaky.test.js':
        "import test from 'node:test';\nimport assert from 'node:assert/strict';\ntest('flaky', () => assert.equal(process.pid % 2, 0));\n",
    },
  }),
  work(
    'deletes a module',
    'rm -r src/old',
    {
      spec: 1,
      rules: [{ id: 'gone', scope: { include: ['src/old/**'] }, forbid: { identifiers: ['oldThing'] } }],
    },
    { files: { 'src/old/thing.js': 'export const oldThing = 1;\n' } },
  ),
  work('begins a folder', NEW_FILE, ORDERS_SPEC),
  work('renames a function in all files', RENAME, RENAME_SPEC),
  work(
    'renames a file',
    "git mv src/price.js src/total.js && sed -i.bak 's/price.js/total.js/' src/cart.js && rm src/*.bak",
    {
      spec: 1,
      rules: [{ id: 'file', require: { files: ['src/total.js'] }, forbid: { files: ['src/price.js'] } }],
    },
  ),
  work(
    'moves code within the scope',
    "{ echo; sed 's/legacyTotal/sumOf/' src/price.js; } >> src/cart.js && sed -i.bak '1d; s/legacyTotal/sumOf/' src/cart.js && rm src/price.js src/*.bak",
    RENAME_SPEC,
  ),
  work('finds its work done by an earlier task', 'true', RENAME_SPEC, {
    before: [{ agent: RENAME, spec: RENAME_SPEC }],
    ends: 'satisfied',
  }),
  work(
    'adds a test with the feature',
    `${FIX}; printf "import test from 'node:test';\\nimport '../src/cart.js';\\ntest('three pieces', () => {});\\n" > test/pieces.test.js`,
    FIX_SPEC,
  ),
  {
    name: 'changes a test that it may change',
    task: {
      agent: `${FIX}; sed -i.bak 's/price: 2, quantity: 3 }\\]).total, 6/price: 3, quantity: 3 }]).total, 9/' test/cart.test.js && rm test/*.bak`,
      spec: FIX_SPEC,
      mayChange: ['test/cart.test.js'],
    },
  },
  work(
    'formats a neighbour',
    `${FIX}; sed -i.bak "s/  /    /g; s/'/\\"/g" src/cart.js && rm src/*.bak`,
    FIX_SPEC,
  ),
  work('works in files with CRLF', RENAME, RENAME_SPEC, { files: { 'src/price.js': CRLF } }),
  work('adds a picture', `${RENAME}; head -c 4096 /dev/urandom > logo.png`, RENAME_SPEC),
  work('changes a mode', `${RENAME}; chmod +x src/cart.js`, RENAME_SPEC),
  work(
    'adds a script',
    `${RENAME}; mkdir bin && printf '#!/bin/sh\\nexec node src/cart.js\\n' > bin/shop && chmod +x bin/shop`,
    RENAME_SPEC,
  ),
  work('works beside pointers of LFS', RENAME, RENAME_SPEC, {
    files: {
      '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n',
      'art/logo.psd': POINTER,
    },
  }),
  work('adds a pointer of LFS', `${RENAME}; cp art/logo.psd art/other.psd`, RENAME_SPEC, {
    files: {
      '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n',
      'art/logo.psd': POINTER,
    },
  }),
  work(
    'works in a package of a monorepo',
    "sed -i.bak 's/= 1/= 2/' packages/a/index.js && rm packages/a/*.bak",
    {
      spec: 1,
      checks: [{ ...TESTS, run: 'npm test --silent --prefix packages/a' }],
    },
    {
      files: {
        'packages/a/package.json':
          '{ "name": "a", "type": "module", "scripts": { "test": "node check.js" } }\n',
        'packages/a/index.js': 'export const one = 1;\n',
        'packages/a/check.js': "import { one } from './index.js';\nif (one !== 2) process.exit(1);\n",
        'packages/b/package.json': '{ "name": "b" }\n',
      },
    },
  ),
  {
    name: 'replaces what an earlier task proved, and said so before',
    before: [{ agent: NEW_FILE, spec: ORDERS_SPEC }],
    task: {
      agent: "sed -i.bak 's/placeOrder/sendOrder/' src/orders/place.js && rm src/orders/*.bak",
      spec: { spec: 1, rules: [{ id: 'sent', require: { identifiers: ['sendOrder'] } }] },
      supersedes: ['1-1.orders'],
    },
  },
  work(
    'links within the tree',
    `${RENAME}; mkdir docs; ln -s ../src/cart.js docs/cart.js; ln -s src lib`,
    RENAME_SPEC,
  ),
  work(
    'moves a file with a comment for the linter',
    `${RENAME}; mkdir src/old; git mv src/linted.js src/old/linted.js`,
    {
      spec: 1,
      rules: NO_LEGACY,
      checks: [{ id: 'lint', run: 'echo eslint', timeout: '60s' }],
    },
    { files: { 'src/linted.js': '/* eslint-disable */\ndebugger;\n' } },
  ),
  work(
    'writes about conflict markers and comments for tools',
    `${RENAME}; printf '    <<<<<<< ours\\n    =======\\n    >>>>>>> theirs\\n// eslint-disable-next-line\\n' > merging.md`,
    RENAME_SPEC,
  ),
  {
    name: 'keeps to its profile',
    task: { agent: RENAME, spec: RENAME_SPEC, profile: 'source' },
  },
  work(
    'commits with words of its own',
    `${RENAME}; git -c user.name=a -c user.email=a@b commit -qam 'Rename' -m 'Planwright-Task: 9.9'`,
    RENAME_SPEC,
    {
      published: async (read, branch) => {
        const trailers = await read(
          'log',
          '-1',
          '--format=%(trailers:key=Planwright-Task,valueonly)',
          branch,
        );
        if (/9\.9/.test(trailers)) throw new Error(`an agent wrote the trailer ${trailers}`);
      },
    },
  ),
];
