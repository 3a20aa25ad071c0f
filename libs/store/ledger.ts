import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { TestResult } from '#domain/spec/check-report.js';
import type { LedgerKey, LedgerPort, LedgerResult } from '#engine/ports/ledger.port.js';
import type { Sql } from './sql.js';

export interface LedgerOptions {
  /** Runs kept of one check on one tree in one environment. */
  readonly runsPerKey?: number;
  /** Rows kept of one repository: the youngest. */
  readonly rowsPerRepository?: number;
  readonly days?: number;
}

const RUNS_PER_KEY = 5;
const ROWS_PER_REPOSITORY = 2_000;
const DAYS = 30;
/** Of the tests of one run. */
const MAX_PACKED_BYTES = 2 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;
/** Each miss means that somebody else wrote a run of the same key. */
const TRIES = 50;

const [compress, decompress] = [promisify(gzip), promisify(gunzip)];

interface Row {
  readonly outcome: 'passed' | 'failed';
  readonly exitCode: number;
  readonly tests: Buffer | null;
}

type StoredTest = readonly [name: string, outcome: number, file?: string];
const OUTCOMES = ['passed', 'failed', 'skipped'] as const;

/** The ledger in Postgres. Any number of verifiers may write the same run: each is one more observation. */
export class PostgresLedger implements LedgerPort {
  constructor(
    private readonly sql: Sql,
    private readonly options: LedgerOptions = {},
  ) {}

  async runs(key: LedgerKey): Promise<LedgerResult[]> {
    const rows = await this.sql.rows<Row>(
      `SELECT outcome, exit_code AS "exitCode", tests FROM check_results
        WHERE repository_id = $1::uuid AND tree = $2 AND check_key = $3 AND environment_key = $4
        ORDER BY run`,
      valuesOf(key),
    );
    return Promise.all(rows.map(restored));
  }

  async record(key: LedgerKey, result: LedgerResult, durationMs: number): Promise<void> {
    const tests = result.tests === undefined ? null : await packed(result.tests);
    if (tests === 'too large') return;
    const exitCode = result.kind === 'passed' ? 0 : result.exitCode;
    const run = await this.insert([...valuesOf(key), result.kind, exitCode, tests, Math.round(durationMs)]);
    await this.sql.rows(
      `DELETE FROM check_results
        WHERE repository_id = $1::uuid AND tree = $2 AND check_key = $3 AND environment_key = $4 AND run <= $5`,
      [...valuesOf(key), run - (this.options.runsPerKey ?? RUNS_PER_KEY)],
    );
    await this.prune(key.repositoryId);
  }

  /** Removes what is old, and what is more than a repository may have. */
  private async prune(repositoryId: string): Promise<void> {
    const { rowsPerRepository = ROWS_PER_REPOSITORY, days = DAYS } = this.options;
    await this.sql.rows(
      `DELETE FROM check_results
        WHERE repository_id = $1::uuid
          AND created_at < greatest(
            clock_timestamp() - $2 * interval '1 day',
            (SELECT o.created_at FROM check_results o WHERE o.repository_id = $1::uuid
              ORDER BY o.created_at DESC OFFSET $3 LIMIT 1))`,
      [repositoryId, days, rowsPerRepository - 1],
    );
  }

  private async insert(values: readonly unknown[]): Promise<number> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const [row] = await this.sql.rows<{ run: number }>(
        `INSERT INTO check_results
           (repository_id, tree, check_key, environment_key, run, outcome, exit_code, tests, duration_ms, created_at)
         SELECT $1::uuid, $2::text, $3::text, $4::text, coalesce(max(run), 0) + 1, $5::text, $6::int, $7::bytea,
                $8::int, clock_timestamp()
           FROM check_results
          WHERE repository_id = $1::uuid AND tree = $2::text AND check_key = $3::text AND environment_key = $4::text
         ON CONFLICT DO NOTHING RETURNING run`,
        values,
      );
      if (row !== undefined) return row.run;
    }
    throw new Error(`the ledger could not add a run after ${TRIES} tries`);
  }
}

function valuesOf({ repositoryId, tree, check, environment }: LedgerKey): string[] {
  return [repositoryId, tree, check, environment];
}

async function restored({ outcome, exitCode, tests }: Row): Promise<LedgerResult> {
  const told = tests === null ? {} : { tests: await unpacked(tests) };
  return outcome === 'passed'
    ? { kind: 'passed', ...told }
    : { kind: 'failed', exitCode, output: '', ...told };
}

/** What is compared, and no more: no messages. */
async function packed(tests: readonly TestResult[]): Promise<Buffer | 'too large'> {
  const stored = tests.map(({ name, outcome, file }): StoredTest => {
    const number = OUTCOMES.indexOf(outcome);
    return file === undefined ? [name, number] : [name, number, file];
  });
  const text = Buffer.from(JSON.stringify(stored));
  if (text.length > MAX_UNPACKED_BYTES) return 'too large';
  const small = await compress(text);
  return small.length > MAX_PACKED_BYTES ? 'too large' : small;
}

async function unpacked(tests: Buffer): Promise<TestResult[]> {
  const text = (await decompress(tests, { maxOutputLength: MAX_UNPACKED_BYTES })).toString('utf8');
  return (JSON.parse(text) as StoredTest[]).map(([name, number, file]) => {
    const outcome = OUTCOMES[number] ?? 'skipped';
    return { name, outcome, ...(file !== undefined && { file }) };
  });
}
