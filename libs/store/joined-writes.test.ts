import fc from 'fast-check';
import { JoinedWrites, type JoinedStatement, type JoinedWrite } from './joined-writes.js';

const TABLES = ['a', 'b', 'c', 'd'] as const;

const write = (tables: JoinedWrite['tables'], rows?: number): JoinedWrite => ({
  tables,
  text: `UPDATE ${tables.join('_')} SET x = $2 WHERE y = $1`,
  values: [tables.join(), 'x'],
  ...(rows === undefined ? {} : { meets: { rows, what: tables[0] } }),
});

function sent(writes: readonly JoinedWrite[]): JoinedStatement[] {
  const joined = new JoinedWrites();
  const before = writes.map((each) => joined.add(each));
  return [...before, joined.take()].filter((each) => each !== null);
}

it('are one statement, each with its own values and its own number of rows', () => {
  const [only, ...more] = sent([write(['a'], 3), write(['b']), write(['c'], 1)]);
  expect(more).toEqual([]);
  expect(only?.values).toEqual(['a', 'x', 3, 'b', 'x', 'c', 'x', 1]);
  expect(only?.text.replace(/\s+/g, ' ')).toBe(
    'WITH w0 AS (UPDATE a SET x = $2 WHERE y = $1 RETURNING 1), w1 AS (UPDATE b SET x = $5 WHERE y = $4), ' +
      'w2 AS (UPDATE c SET x = $7 WHERE y = $6 RETURNING 1) ' +
      'SELECT expect_rows(v.met, v.wanted, v.what) FROM (VALUES ' +
      `((SELECT count(*) FROM w0), $3::bigint, 'a'), ((SELECT count(*) FROM w2), $8::bigint, 'c')` +
      ') AS v(met, wanted, what) WHERE v.met <> v.wanted',
  );
});

it('of any order: what is written or read again begins another statement, and nothing is lost or moved', () => {
  const tables = fc
    .uniqueArray(fc.constantFrom(...TABLES), { minLength: 1, maxLength: 3 })
    .map((of) => of as unknown as JoinedWrite['tables']);
  fc.assert(
    fc.property(fc.array(tables, { maxLength: 12 }), (all) => {
      const groups = sent(all.map((each) => write(each))).map(({ values }) =>
        values.filter((_, at) => at % 2 === 0).map((each) => String(each).split(',')),
      );
      expect(groups.flat()).toEqual(all);
      for (const group of groups)
        group.forEach((later, at) => {
          for (const [written] of group.slice(0, at)) expect(later).not.toContain(written);
        });
    }),
  );
});

it('what only adds rows goes with a write to its table before it, and nothing after goes with it', () => {
  const adds = (tables: JoinedWrite['tables']): JoinedWrite => ({ ...write(tables), adds: true });
  const tablesOf = (writes: readonly JoinedWrite[]) =>
    sent(writes).map(({ values }) => values.filter((_, at) => at % 2 === 0));
  expect(tablesOf([write(['a']), adds(['a']), write(['b'])])).toEqual([['a', 'a', 'b']]);
  expect(tablesOf([adds(['a']), write(['a'])])).toEqual([['a'], ['a']]);
  expect(tablesOf([write(['b']), adds(['a', 'b'])])).toEqual([['b'], ['a,b']]);
});
