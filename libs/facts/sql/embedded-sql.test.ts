import fc from 'fast-check';
import { GRAMMARS, type Grammar } from '../languages.js';
import { openGrammars } from '../syntax/grammars.js';
import { withTree } from '../syntax/with-tree.js';
import { ormTables, sqlInSource } from './embedded-sql.js';
import { isSql } from './sql-shape.js';
import { tablesOfSql } from './sql-tables.js';

beforeAll(() => openGrammars(GRAMMARS));

/** `table:line`, as the facts of a file have it. */
function tables(source: string, language: Grammar): string {
  return withTree(language, source, (root) => sqlInSource(root, language))
    .flatMap(({ text, line }) =>
      tablesOfSql(text).tables.map((found) => `${found.table}:${line + found.line}`),
    )
    .join(' ');
}

const orm = (source: string, language: Grammar): string =>
  [
    ...new Set(
      withTree(language, source, (root) => ormTables(root, language)).map(
        ({ table, line }) => `${table}:${line}`,
      ),
    ),
  ].join(' ');

describe('text that is no SQL', () => {
  test.each([
    'Please select from the menu',
    'update available',
    'delete from cart?',
    'Delete from cart',
    'Select an option from the dropdown menu',
    'Select a user from the list',
    'select one of these from the list below',
    'insert into the slot',
    'Insert into cart',
    'Update the set of rules',
    'Create table reservations for two',
    'create a table',
    'Drop table here',
    'drop files here',
    'with great power',
    'from here to there',
    'Merge into main using squash',
    'truncate text',
    'copy from clipboard',
    'Could not select from users.',
    'Grant access to users',
    'set',
    'select',
    'TABLE OF CONTENTS',
  ])('%s', (text) => {
    expect(isSql(text, false)).toBe(false);
  });
});

describe('text that is SQL', () => {
  test.each([
    'select * from users',
    'SELECT id FROM users WHERE id = ?',
    'Select u.id From users u',
    'insert into users (a) values ($1)',
    'UPDATE users SET a = 1',
    'update users u set a = :a where b',
    'delete from users where id = 1',
    'DELETE FROM __interpolated__',
    'WITH a AS (SELECT 1) SELECT * FROM a',
    'create table users (id int)',
    'alter table users add column x int',
    'drop table if exists users',
    'truncate table users',
    'BEGIN; UPDATE accounts SET b = 1; COMMIT',
    '(SELECT a FROM b) UNION (SELECT c FROM d)',
    'FROM users u JOIN orders o ON o.uid = u.id WHERE u.x = 1',
    'MERGE INTO a USING b ON a.i = b.i WHEN MATCHED THEN DELETE',
  ])('%s', (text) => {
    expect(isSql(text, false)).toBe(true);
  });
});

describe('tables of SQL in source', () => {
  const cases: readonly [Grammar, string, string, string][] = [
    [
      'TypeScript',
      'a template over lines',
      'db.query(`SELECT *\n  FROM users u\n  JOIN posts p ON p.uid = ${id}`);',
      'users:2 posts:3',
    ],
    ['TypeScript', 'an interpolated table', 'q(`SELECT * FROM ${t} JOIN posts ON true`);', 'posts:1'],
    ['TypeScript', 'a constant', "const T = 'users';\nq(`DELETE FROM ${T} WHERE a = 1`);", 'users:2'],
    [
      'TypeScript',
      'a member of a constant',
      "const T = { u: 'users' } as const;\nq('SELECT a FROM ' + T.u);",
      'users:2',
    ],
    ['TypeScript', 'a name that is split', "q('SELECT a FROM us' +\n 'ers WHERE b = 1');", 'users:1'],
    ['TypeScript', 'a verb that is split', "q('SEL' + 'ECT a FROM ' + 'users');", 'users:1'],
    [
      'TypeScript',
      'lines of a concatenation',
      "q('SELECT a ' +\n 'FROM users ' +\n 'JOIN posts ON x');",
      'users:2 posts:3',
    ],
    ['TypeScript', 'a tag', 'sql`select from ${x} join users`;', 'users:1'],
    ['TypeScript', 'a joined array', "q(['SELECT a', 'FROM users'].join(' '));", 'users:1'],
    ['TypeScript', 'a concat', "q('SELECT a '.concat('FROM users'));", 'users:1'],
    ['TypeScript', 'a comment in the text', "q('SELECT a -- FROM hidden\\nFROM users');", 'users:1'],
    ['TypeScript', 'an escape in a name', "q('SELECT a FROM us\\u0065rs');", 'users:1'],
    ['TypeScript', 'a short text that is run', "pool.query('Delete from cart');", 'cart:1'],
    ['TypeScript', 'labels', "b('Please select from the menu', 'update available', 'Delete from cart');", ''],
    ['TypeScript', 'a name given twice', "let T = 'a'; { const T = 'b'; q('SELECT x FROM ' + T) }", ''],
    ['Tsx', 'an attribute', '<Q sql="SELECT a FROM users" label="Select from the menu" />;', 'users:1'],
    ['JavaScript', 'a function between', 'const q = () => "UPDATE users SET a = 1";', 'users:1'],
    ['python', 'triple quotes', 'cur.execute("""\nSELECT a\nFROM users\n""")', 'users:3'],
    ['python', 'an f-string', 'q = f"SELECT {c} FROM users WHERE id = {i}"', 'users:1'],
    [
      'python',
      'literals side by side',
      'q = ("SELECT a "\n     "FROM users "\n     "JOIN posts ON x")',
      'users:2 posts:3',
    ],
    [
      'python',
      'formatting',
      'q = "SELECT a FROM users WHERE b = %s" % x\nr = "DELETE FROM posts WHERE a = {}".format(y)',
      'users:1 posts:2',
    ],
    ['python', 'a constant', 'T = "users"\nq = f"SELECT a FROM {T}"', 'users:2'],
    ['python', 'a docstring', 'def f():\n  """SELECT a FROM users"""', ''],
    ['python', 'a raw string', 'q = r"SELECT a FROM users WHERE b ~ \'\\d\'"', 'users:1'],
    ['go', 'a raw string', 'package p\nconst q = `SELECT x\nFROM users`', 'users:3'],
    [
      'go',
      'a concatenation and Sprintf',
      'package p\nfunc f() { q := "SELECT x " + "FROM users"; r := fmt.Sprintf("DELETE FROM posts WHERE a = %d", 1) }',
      'users:1'.replace(':1', ':2') + ' posts:2',
    ],
    ['java', 'a text block', 'class A { String q = """\n  SELECT x\n  FROM users\n  """; }', 'users:3'],
    [
      'java',
      'a concatenation with a constant',
      'class A { static final String T = "users"; String q = "SELECT x FROM " +\n T + " WHERE y = 1"; }',
      'users:1',
    ],
    [
      'java',
      'String.format',
      'class A { String q = String.format("SELECT x FROM users WHERE y = %s", z); }',
      'users:1',
    ],
  ];
  test.each(cases)('%s: %s', (language, _what, source, expected) => {
    expect(tables(source, language)).toBe(expected);
  });

  test('nothing ends in an error, whatever the source is', () => {
    const hinted = fc.tuple(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom(
        '"select a from b"',
        '`${',
        'f"""update',
        "'in' + 'sert into x",
        '@Table("t"',
        'knex("t").from(',
      ),
    );
    fc.assert(
      fc.property(hinted, fc.constantFrom(...GRAMMARS), ([noise, hint], language) => {
        const [sql, orm] = withTree(language, hint + noise + hint, (root) => [
          sqlInSource(root, language),
          ormTables(root, language),
        ]);
        expect([sql, orm]).toEqual([expect.any(Array), expect.any(Array)]);
      }),
    );
  });

  test('a concatenation of thousands of literals is read', () => {
    const source = `q("SELECT a FROM users WHERE b IN (" + ${Array.from({ length: 3000 }, (_, i) => `"${i},"`).join(' + ')} + "0)")`;
    expect(tables(source, 'JavaScript')).toBe('users:1');
  });
});

describe('tables that query builders and ORMs name', () => {
  const cases: readonly [Grammar, string, string, string][] = [
    [
      'TypeScript',
      'knex',
      "knex('a');\nknex.select().from('b as bb').into('c').leftJoin('s.d', 'x', 'y');\ndb.schema.createTable('e', f).table('g');",
      'a:1 s.d:2 c:2 b:2 g:3 e:3',
    ],
    ['TypeScript', 'aliases and lists', "knex.from({ x: 'a' }); knex.from(['b', 'c']);", 'a:1 b:1 c:1'],
    [
      'TypeScript',
      'what only sounds like it',
      "Array.from('a'); Buffer.from('b'); console.table('c'); [1].join('d'); path.join('e'); from('f');",
      '',
    ],
    [
      'TypeScript',
      'TypeORM',
      "@Entity('a') class A { @JoinTable({ name: 'b' }) x; }\n@Entity({ name: 'c' }) class C {}\n@Entity() class D {}",
      'a:1 b:1 c:2',
    ],
    ['TypeScript', 'drizzle', "export const u = pgTable('users', {});", 'users:1'],
    [
      'TypeScript',
      'Sequelize',
      "sequelize.define('user', {});\nsequelize.define('x', {}, { tableName: 'people' });\nclass A { static tableName = 'b' }",
      'user:1 people:2 b:3',
    ],
    [
      'TypeScript',
      'kysely and a constant',
      "const T = 'users';\ndb.selectFrom(T).innerJoin('posts as p', 'a', 'b'); db.insertInto('logs');",
      'posts:2 users:2 logs:2',
    ],
    [
      'JavaScript',
      'Objection',
      "class A extends Model { static get tableName() { return 'a'; } }\nclass B { static tableName = 'b' }",
      'a:1 b:2',
    ],
    [
      'python',
      'SQLAlchemy',
      'class A(Base):\n  __tablename__ = "a"\n  x = Column(ForeignKey("s.b.id"))\nt = sa.Table("c", m)',
      'a:2 c:4 s.b:3',
    ],
    [
      'python',
      'alembic',
      'op.create_table("a")\nop.create_index("i", "b", ["x"])\nop.add_column("c", x)',
      'a:1 c:3 b:2',
    ],
    [
      'python',
      'Django',
      'class A(models.Model):\n  u = models.ForeignKey("app.User")\n  class Meta:\n    db_table = "a"',
      'a:4',
    ],
    [
      'go',
      'GORM and bun',
      'package p\nfunc (User) TableName() string { return "a" }\nfunc f() { db.Table("b as x").Find(1) }\ntype T struct { bun.BaseModel `bun:"table:c,alias:c"` }',
      'b:3 a:2 c:4',
    ],
    [
      'go',
      'squirrel',
      'package p\nfunc f() { sq.Insert("a"); sq.Select("x").From("b"); m.Delete("key") }',
      'b:2 a:2',
    ],
    [
      'java',
      'JPA',
      '@Entity @Table(name = "a", schema = "s") class A { @JoinTable(name = "b") Object x; }\n@Table("c") class C {}',
      's.a:1 b:1 c:2',
    ],
    ['java', 'jOOQ', 'class A { void f() { create.selectFrom("a"); DSL.table("b"); } }', 'a:1 b:1'],
  ];
  test.each(cases)('%s: %s', (language, _what, source, expected) => {
    expect(orm(source, language).split(' ').sort()).toEqual(expected.split(' ').sort());
  });
});
