import type { BenchRecord } from './record.js';

type Suite = (print: (record: BenchRecord) => void, only: readonly string[]) => Promise<void>;

const SUITES: Readonly<Record<string, () => Promise<Suite>>> = {
  git: async () => (await import('./git-suite.js')).gitSuite,
  cli: async () => (await import('./cli-suite.js')).cliSuite,
  sandbox: async () => (await import('./sandbox-suite.js')).sandboxSuite,
  api: async () => (await import('./api-suite.js')).apiSuite,
  engine: async () => (await import('./engine/suite.js')).engineSuite,
  verify: async () => (await import('./verify-suite.js')).verifySuite,
};

const [name = '', ...only] = process.argv.slice(2);
const load = SUITES[name];
if (load === undefined) {
  process.stderr.write(`Usage: node dist/bench/main.js <${Object.keys(SUITES).join('|')}> [case …]\n`);
  process.exitCode = 2;
} else {
  const suite = await load();
  await suite((record) => process.stdout.write(`${JSON.stringify(record)}\n`), only);
}
