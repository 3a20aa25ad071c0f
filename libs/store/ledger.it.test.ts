import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { TestResult } from '#domain/spec/check-report.js';
import type { LedgerKey, LedgerResult } from '#engine/ports/ledger.port.js';
import { StoreHarness } from '#testing/engine-harness.js';
import { PostgresLedger } from './ledger.js';

let harness: StoreHarness;
let key: LedgerKey;

beforeEach(async () => {
  harness = await StoreHarness.open();
  key = { repositoryId: harness.repositoryId, tree: 't'.repeat(40), check: 'unit', environment: 'here' };
});
afterEach(() => harness.close());

const passed: LedgerResult = { kind: 'passed' };
const ledgerOf = (options: ConstructorParameters<typeof PostgresLedger>[1] = {}) =>
  new PostgresLedger(harness.sql, options);
const tests: TestResult[] = [
  { name: 'a > b\0 "é"', outcome: 'passed', file: 'a.js' },
  { name: 'c', outcome: 'failed', message: 'boom', line: 3, file: 'c.js' },
  { name: 'd', outcome: 'skipped' },
];

test('runs come back in their order, with what is compared: outcome, exit code, tests', async () => {
  const ledger = ledgerOf();
  expect(await ledger.runs(key)).toEqual([]);
  await ledger.record(key, { kind: 'failed', exitCode: 3, output: 'long', tests, note: 'n' }, 12.7);
  await ledger.record(key, { kind: 'passed', tests: [] }, 1);
  await ledger.record(key, passed, 1);
  const compared = [
    { name: 'a > b\0 "é"', outcome: 'passed', file: 'a.js' },
    { name: 'c', outcome: 'failed', file: 'c.js' },
    { name: 'd', outcome: 'skipped' },
  ];
  expect(await ledger.runs(key)).toEqual([
    { kind: 'failed', exitCode: 3, output: '', tests: compared },
    { kind: 'passed', tests: [] },
    { kind: 'passed' },
  ]);
});

test('every part of the key tells results apart', async () => {
  const ledger = ledgerOf();
  await ledger.record(key, passed, 1);
  const { ownerId: actorId } = harness;
  const other = await harness.store.registerRepository({
    id: uuid(),
    origin: '/srv/other',
    name: 'o',
    actorId,
  });
  const others = [{ tree: 'u' }, { check: 'lint' }, { environment: 'there' }, { repositoryId: other }];
  for (const part of others) expect(await ledger.runs({ ...key, ...part })).toEqual([]);
});

test('verifiers that write at once add one run each', async () => {
  const ledger = ledgerOf({ runsPerKey: 100 });
  await Promise.all(Array.from({ length: 20 }, () => ledger.record(key, passed, 1)));
  const rows = await harness.db.checkResult.findMany({ orderBy: { run: 'asc' } });
  expect(rows.map(({ run }) => run)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
});

test('of one key the last runs are kept, of a repository the youngest rows', async () => {
  const ledger = ledgerOf({ runsPerKey: 3, rowsPerRepository: 5 });
  for (let exitCode = 1; exitCode <= 5; exitCode += 1)
    await ledger.record(key, { kind: 'failed', exitCode, output: '' }, 1);
  expect((await ledger.runs(key)).map((run) => 'exitCode' in run && run.exitCode)).toEqual([3, 4, 5]);
  for (const tree of ['1', '2', '3', '4']) await ledger.record({ ...key, tree }, passed, 1);
  expect(await harness.db.checkResult.count()).toBe(5);
  expect(await ledger.runs(key)).toHaveLength(1);
});

test('what is older than it may be goes', async () => {
  const ledger = ledgerOf({ days: 30 });
  await ledger.record(key, passed, 1);
  await harness.sql.rows(`UPDATE check_results SET created_at = created_at - interval '31 days'`);
  await ledger.record({ ...key, tree: 'u' }, passed, 1);
  expect(await ledger.runs(key)).toEqual([]);
  expect(await ledger.runs({ ...key, tree: 'u' })).toHaveLength(1);
});

test('a report that is too large to be kept whole is not kept, packed or unpacked', async () => {
  const ledger = ledgerOf();
  const noise = Array.from({ length: 6_000 }, (): TestResult => {
    return { name: randomBytes(500).toString('hex'), outcome: 'passed' };
  });
  const long = Array.from({ length: 35 }, (_, at): TestResult => {
    return { name: `${'x'.repeat(1_000_000)}${at}`, outcome: 'passed' };
  });
  const small = noise.slice(0, 100);
  for (const each of [small, noise, long]) await ledger.record(key, { kind: 'passed', tests: each }, 1);
  expect(await ledger.runs(key)).toEqual([{ kind: 'passed', tests: small }]);
});

test('it goes with its repository', async () => {
  await ledgerOf().record(key, passed, 1);
  await harness.db.repository.delete({ where: { id: harness.repositoryId } });
  expect(await harness.db.checkResult.count()).toBe(0);
});
