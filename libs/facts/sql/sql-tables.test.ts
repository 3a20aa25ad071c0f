import fc from 'fast-check';
import { SQL_CORPUS } from './sql-corpus.js';
import { tablesOfSql } from './sql-tables.js';

const names = (sql: string) => tablesOfSql(sql).tables.map(({ table }) => table);

describe.each(Object.entries(SQL_CORPUS))('tables of %s', (_dialect, cases) => {
  test.each(cases)('%s', (sql, tables) => {
    expect(names(sql).join(' ')).toBe(tables);
    expect(tablesOfSql(sql).complete).toBe(true);
  });
});

describe('tables', () => {
  test('have the line of their name, also inside the body of a routine', () => {
    const sql = `-- first\nSELECT *\nFROM a,\n  b;\nCREATE FUNCTION f() RETURNS void AS $$\nBEGIN\n  DELETE FROM c;\nEND $$ LANGUAGE plpgsql;`;
    expect(tablesOfSql(sql).tables).toEqual([
      { table: 'a', line: 2 },
      { table: 'b', line: 3 },
      { table: 'c', line: 6 },
    ]);
  });

  test.each([
    ['a name that is made at run time', 'SELECT * FROM __interpolated__ JOIN b ON true', ['b']],
    ['a part of a name', 'SELECT * FROM logs___interpolated__, b', ['b']],
    ['a placeholder', 'DELETE FROM %s WHERE id = 1', []],
    ['a statement that is built', "EXECUTE 'SELECT * FROM a JOIN ' || tail", ['a']],
    ['a statement in a variable', 'EXEC(@sql)', []],
    ['an open parenthesis', 'SELECT * FROM a WHERE (b = 1', ['a']],
    ['an open string', "SELECT * FROM a WHERE b = 'x", ['a']],
    ['an open comment', 'SELECT * FROM a /* FROM b', ['a']],
    ['no statement', 'lorem ipsum dolor', []],
    ['a clause without its table', 'SELECT * FROM a JOIN', ['a']],
  ])('are incomplete after %s', (_what, sql, tables) => {
    expect(names(sql).filter((name) => tables.includes(name))).toEqual(tables);
    expect(tablesOfSql(sql).complete).toBe(false);
  });

  test('keep a table whose schema is made at run time', () => {
    expect(names('SELECT * FROM __interpolated__.users')).toEqual(['users']);
  });

  test('are found whatever text stands around them, and nothing ends in an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (noise) => {
        tablesOfSql(noise);
        expect(names(`SELECT 1 FROM wanted;${noise}`)[0]).toBe('wanted');
      }),
    );
  });

  const piece = fc.constantFrom(
    ...`SELECT FROM JOIN ( ) , ; ' " \` [ ] $$ -- /* */ WITH AS a b.c INTO UPDATE SET DELETE TABLE ON USING ? :x \n`.split(
      ' ',
    ),
  );

  test('of broken statements are found without an error', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const { tables } = tablesOfSql(pieces.join(' '));
        expect(tables.every(({ table, line }) => table !== '' && line >= 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('do not depend on the case of keywords or on comments between the words', () => {
    const flat = Object.values(SQL_CORPUS)
      .flat()
      .filter(([sql]) => /^[\w\s,.*=()]+$/.test(sql));
    expect(flat.length).toBeGreaterThan(40);
    for (const [sql, tables] of flat) {
      expect(names(sql.replaceAll(' ', ' /* FROM hidden */ ')).join(' ')).toBe(tables);
      expect(names(sql.toLowerCase()).join(' ')).toBe(tables.toLowerCase());
    }
  });
});
