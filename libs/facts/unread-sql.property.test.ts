import fc from 'fast-check';
import { parseSpec } from '#contracts/spec/parse-spec.js';
import { evaluate } from '#domain/spec/evaluate.js';
import type { Verdict } from '#domain/spec/verdict.js';
import { MemorySource, type Files } from '#testing/memory-source.js';
import { createFacts } from './facts-adapter.js';
import { isSql, SQL_HINT } from './sql/sql-shape.js';
import { SQL_CORPUS } from './sql/sql-corpus.js';
import { tablesOfSql } from './sql/sql-tables.js';
import { mayMatch } from './text-gate.js';

/** SQL that cannot be read to its end, and what rules about tables say of it. */

const port = createFacts();

async function judge(rule: object, base: Files, candidate: Files): Promise<Verdict> {
  const parsed = parseSpec(JSON.stringify({ spec: 1, rules: [{ id: 'r', ...rule }] }));
  if (!parsed.ok) throw new Error(parsed.errors[0]?.message);
  const { spec } = parsed;
  const source = new MemorySource({ base, candidate });
  const paths = [...new Set([...Object.keys(base), ...Object.keys(candidate)])];
  const changed = paths.filter((path) => base[path] !== candidate[path]);
  const collect = (commit: string) => port.collect({ source, commit, spec, alsoRead: changed });
  const before = await collect('base');
  return evaluate({
    spec,
    candidate: await collect('candidate'),
    attemptBase: before,
    planBase: before,
    checks: [],
    builtInViolations: [],
    changedFiles: changed.map((path) => ({ path })),
    candidateUnchanged: changed.length === 0,
  });
}

const forbid = (table: string) => ({ forbid: { sql_tables: [table] } });
const require = (table: string) => ({ require: { sql_tables: [table] } });
const BROKEN = 'SELECT * FROM a WHERE (b = 1 AND c\n, hidden';

test('a table that may stand in what cannot be read is neither absent nor missing', async () => {
  const other = { 'b.sql': 'SELECT 1 FROM b', 'c.txt': '' };
  const [base, candidate] = [
    { ...other, 'a.sql': BROKEN },
    { ...other, 'a.sql': BROKEN, 'c.txt': 'c' },
  ];
  for (const rule of [forbid('hidden'), require('hidden'), require('/^hid/')]) {
    const { outcome, items } = await judge(rule, base, candidate);
    expect([outcome, items[0]?.candidate, items[0]?.note]).toEqual([
      'inconclusive',
      'undecided',
      expect.stringContaining('a.sql:1 cannot be read to its end'),
    ]);
  }
  // No name in it is that of the table: whatever it says, it does not say that.
  expect((await judge(forbid('elsewhere'), base, candidate)).items[0]?.candidate).toBe('green');
  expect((await judge(require('elsewhere'), base, candidate)).items[0]?.candidate).toBe('red');
});

test('a place that may lie in what cannot be read leaves open where the rest must hold', async () => {
  const rule = { when: { sql_tables: ['hidden'] }, require: { identifiers: ['audit'] }, within: 'file' };
  const files = {
    'a.ts': 'db.query("SELECT * FROM a WHERE (b, hidden");',
    'b.ts': 'audit(); db.query("SELECT 1 FROM b");',
  };
  expect((await judge(rule, files, { ...files, 'c.ts': 'x();' })).items[0]?.candidate).toBe('undecided');
  const function_ = { ...rule, require: { sql_tables: ['audits'] }, within: 'function' };
  const code =
    'function f() {\n  db.query("SELECT 1 FROM hidden");\n  db.query("INSERT INTO log SELECT (b, audits");\n}';
  expect(
    (await judge(function_, { 'a.ts': code }, { 'a.ts': code, 'c.ts': 'x();' })).items[0]?.candidate,
  ).toBe('undecided');
});

test('a name that is made at run time is open where the candidate wrote it, and left alone where it stood', async () => {
  const dynamic = { 'any.ts': 'db.query(`SELECT * FROM ${table}`);' };
  const base = { ...dynamic, 'a.ts': 'db.query("SELECT * FROM orders");' };
  const clean = { ...dynamic, 'a.ts': 'db.query("SELECT * FROM sales");' };
  expect((await judge(forbid('orders'), base, clean)).outcome).toBe('pass');
  const evaded = { ...dynamic, 'a.ts': 'db.query("SELECT * FROM " + ["or", "ders"].reduce(glue));' };
  expect((await judge(forbid('orders'), base, evaded)).outcome).toBe('inconclusive');
});

const cases = Object.values(SQL_CORPUS)
  .flat()
  .flatMap(([sql]) => tablesOfSql(sql).tables.map(({ table }) => ({ sql, table })));

/** As a file of SQL, and as the text that a program gives to its database. */
const shapes = [
  { file: 'q.sql', text: (sql: string) => sql, seen: () => true },
  {
    file: 'q.ts',
    text: (sql: string) => `db.query(${JSON.stringify(sql)});`,
    // Of a text without any of its words nobody can tell that it was SQL.
    seen: (sql: string) => isSql(sql, true) && mayMatch(sql, SQL_HINT),
  },
];

/** Every way to cut a statement of the corpus so that its reader comes to no end. */
const cuts = cases.flatMap(({ sql, table }) =>
  shapes.flatMap((shape) =>
    Array.from({ length: sql.length }, (_, end) => sql.slice(0, end))
      .filter((part) => !tablesOfSql(part).complete && shape.seen(part))
      .map((part) => ({ ...shape, sql, part, name: table.split('.').at(-1) ?? table })),
  ),
);

test('a statement that is cut so that it cannot be read turns no verdict from red to green', async () => {
  expect(cuts.length).toBeGreaterThan(1000);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...cuts), fc.boolean(), async (cut, more) => {
      const { file, text, sql, part, name } = cut;
      const kept: Files = more ? { 'kept.sql': 'SELECT 1 FROM kept_one' } : {};
      const base = { ...kept, [file]: text(sql) };
      const term = `/^(.*\\.)?${name.replace(/\W/g, '.')}$/`;
      for (const rule of [
        forbid(term),
        { when: { sql_tables: [term] }, require: { identifiers: ['nowhere'] } },
        { when: { sql_tables: [term] }, require: { sql_tables: ['nowhere'] }, within: 'scope' },
      ]) {
        expect((await judge(rule, base, { ...base, 'x.txt': '' })).items[0]?.candidate).not.toBe('green');
        const { items } = await judge(rule, base, { ...base, [file]: text(part) });
        expect(items[0]?.candidate).not.toBe('green');
      }
      const { outcome } = await judge(require(term), kept, { ...kept, [file]: text(part) });
      const found = tablesOfSql(part).tables.some(({ table }) => table.split('.').at(-1) === name);
      expect(outcome === 'pass').toBe(found);
    }),
    { numRuns: 300 },
  );
});
