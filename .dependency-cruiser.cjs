/** The import law (docs/architecture.md): arrows point one way, and each technology stays in its own room. */

const adapters = ['store', 'queue', 'git', 'sandbox', 'agents', 'checks', 'facts', 'setup'];
/** These start untrusted processes. */
const runners = ['agents', 'checks', 'setup'];
const anyLib = '^libs/';

/** Only these rooms may import the given package or builtin. */
const only = (name, what, rooms) => ({
  name,
  severity: 'error',
  from: {
    path: '^(libs|apps)/',
    pathNot: [...rooms.map((room) => `^${room}/`), '^libs/testing/', '\\.test\\.ts$'],
  },
  to: { path: what },
});

/** A library may import only itself and the libraries named. */
const mayImport = (lib, others) => ({
  name: `${lib}-imports`,
  severity: 'error',
  from: { path: `^libs/${lib}/`, pathNot: '\\.test\\.ts$' },
  to: { path: anyLib, pathNot: [lib, ...others].map((other) => `^libs/${other}/`) },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: { pathNot: '^libs/store/generated/' },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        path: '^(libs|apps)/',
        pathNot: ['\\.test\\.ts$', '^libs/store/generated/', '^libs/testing/jest-'],
      },
      to: {},
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-apps-from-libs', severity: 'error', from: { path: anyLib }, to: { path: '^apps/' } },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^libs/domain/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^libs/domain/' },
    },
    mayImport('contracts', ['domain']),
    mayImport('engine', ['domain', 'contracts']),
    ...adapters.map((adapter) =>
      mayImport(adapter, [
        'domain',
        'contracts',
        'engine',
        ...(runners.includes(adapter) ? ['sandbox'] : []),
      ]),
    ),
    {
      name: 'no-testing-in-production',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: ['^libs/testing/', '\\.test\\.ts$'] },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'cli-is-a-client',
      severity: 'error',
      from: { path: '^apps/cli/', pathNot: ['^apps/cli/local/', '^apps/cli/main\\.ts$', '\\.test\\.ts$'] },
      to: { path: anyLib, pathNot: '^libs/contracts/' },
    },
    {
      name: 'apps-are-apart',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'engine-has-no-technology',
      severity: 'error',
      from: { path: '^libs/engine/', pathNot: '\\.test\\.ts$' },
      to: {
        path: [
          'node_modules/(@nestjs|@prisma|bullmq|simple-git|pg)/',
          '^(node:)?(fs|child_process|net|http)(/|$)',
        ],
      },
    },
    only('prisma-in-store', 'node_modules/@prisma/', ['libs/store']),
    only('anthropic-in-agents', 'node_modules/@anthropic-ai/', ['libs/agents/anthropic']),
    only('bullmq-in-queue', 'node_modules/(bullmq|ioredis)/', ['libs/queue']),
    only('pg-in-its-rooms', 'node_modules/pg/', ['libs/store', 'libs/queue', 'libs/platform/postgres']),
    only('nest-at-the-edge', 'node_modules/(@nestjs|fastify)/', ['libs/platform', 'apps']),
    only('processes-in-their-rooms', '^(node:)?child_process$', [
      'libs/sandbox',
      'libs/git',
      'libs/platform/postgres',
      'libs/platform/redis',
      'libs/platform/supervisor',
      'libs/platform/home',
    ]),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['planwright-source', 'import', 'node', 'default'],
    },
    doNotFollow: { path: ['node_modules', '^libs/store/generated/'] },
    exclude: { path: ['^dist/'] },
  },
};
