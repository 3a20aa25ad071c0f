import { GRAMMARS, type Reader } from '../languages.js';
import { encodeRecord, MARK, RecordReader } from '../record.js';
import { openGrammars } from '../syntax/grammars.js';
import { extractFile } from './extract-file.js';
import { extractSql } from './extract-sql.js';
import { readSource } from './source-text.js';

type Mark = keyof typeof MARK;

beforeAll(() => openGrammars(GRAMMARS));

function extract(code: string, grammar: Exclude<Reader, 'sql'> = 'TypeScript') {
  return extractFile(readSource(Buffer.from(code), grammar), grammar);
}

function found(mark: Mark, code: string, grammar: Exclude<Reader, 'sql'> = 'TypeScript'): string[] {
  return extract(code, grammar)
    .mentions.filter(({ marks }) => (marks & MARK[mark]) !== 0)
    .map(({ value, line }) => `${value}:${line}`);
}

describe('identifiers', () => {
  test('are every kind of name, and nothing else', () => {
    const source = `import { a as b } from 'quoted'; // commented
class C<T> extends D { #p = 1; q = 'text'; get r() { return this.#p; } }
const { s, t: u, v = 1 } = ns.w; type X = Y.Z;
const o = { sh, key: 1 }; \`raw \${inner}\`; /* legacy
legacy */ out: for (;;) break out;`;
    const names = new Set(found('identifier', source).map((each) => each.replace(/:\d+$/, '')));
    const expected = 'a b C T D #p q r s t u v ns w X Y Z o sh key inner out'.split(' ');
    expect([...names].sort()).toEqual(expected.sort());
  });

  test('have 1-based lines, once per value and line', () => {
    expect(found('identifier', 'a(a);\n\nb.a;')).toEqual(['a:1', 'b:3', 'a:3']);
  });

  test('of JSX are its elements and attributes, not its text', () => {
    const names = found('identifier', 'const e = <Foo.Bar data-x={y}>words <div/></Foo.Bar>;', 'Tsx');
    expect(names).toEqual(expect.arrayContaining(['Foo:1', 'Bar:1', 'data-x:1', 'y:1', 'div:1']));
    expect(names).not.toContain('words:1');
  });

  test.each<[Exclude<Reader, 'sql'>, string, string]>([
    ['JavaScript', 'leg\\u0061cy();', 'legacy:1'],
    ['JavaScript', 'l\\u{65}gacy();', 'legacy:1'],
    ['JavaScript', '/* \0 */ legacy();', 'legacy:1'],
    ['JavaScript', "api['legacy']()", 'legacy:1'],
    ['JavaScript', 'api\n ?.[ `legacy` ]', 'legacy:2'],
    ['JavaScript', 'api["leg" +\n "acy"]', 'legacy:1'],
    ['JavaScript', "api['\\x6ceg\\acy']", 'legacy:1'],
    ['TypeScript', "const { 'legacy': other } = api", 'legacy:1'],
    ['TypeScript', "const { ['legacy']: other } = api", 'legacy:1'],
    ['TypeScript', "export default { other, 'legacy': 1 }", 'legacy:1'],
    ['TypeScript', 'function ( { legacy(); ]', 'legacy:1'],
    ['python', 'def f(:\n  legacy(', 'legacy:2'],
    ['python', '\ufb01le()', 'file:1'],
    ['go', 'package a\nfunc f() { legacy.B( }', 'legacy:2'],
    ['java', 'class A { int leg\\u0061cy; }', 'legacy:1'],
    ['java', '// \\u000a class legacy {}\n', 'legacy:1'],
    ['java', '// \\u000a\nclass legacy {}\n', 'legacy:2'],
  ])('cannot hide in %s: %s', (grammar, code, expected) => {
    expect(found('identifier', code, grammar)).toContain(expected);
  });

  test('of deeply nested code do not overflow the stack', () => {
    expect(found('identifier', `${'('.repeat(20_000)}deep${')'.repeat(20_000)}`)).toEqual(['deep:1']);
  });
});

describe('expressions', () => {
  test.each<[Exclude<Reader, 'sql'>, string, string[]]>([
    ['TypeScript', 'f(process.env.JWT_SECRET)', ['f:1', 'process.env.JWT_SECRET:1', 'process.env:1']],
    ['TypeScript', 'jwt\n  /* why */ ?. sign(a)', ['jwt.sign:1', 'a:2']],
    ['TypeScript', "process!.env['KEY']", ['process.env.KEY:1']],
    ['TypeScript', 'a = b ?? c', ['b ?? c:1']],
    ['TypeScript', 'app\n .use(x)\n .get(y)', ['app.use:1', 'app.use(x).get:1']],
    ['TypeScript', 'f(1, /* c */ { a:  1 })', ['1:1', '{ a: 1 }:1']],
    ['JavaScript', 'jwt.s\\u0069gn()', ['jwt.sign:1']],
    ['python', 'x: int = os.environ["A"]\n', ['os.environ["A"]:1', 'os.environ:1']],
    ['go', 'package a\nfunc f() { x, y := t.A, http.Get(u) }', ['t.A:2', 'http.Get:2', 'u:2']],
    ['java', 'class A { void f() { obj\n.<T>call(q.r).d(2); } }', ['obj.call:1', 'q.r:2']],
  ])('of %s: %s', (grammar, code, expected) => {
    expect(found('expression', code, grammar)).toEqual(expect.arrayContaining(expected));
  });

  test('are bounded in length', () => {
    const long = extract(`f('${'x'.repeat(100_000)}')`).mentions.map(({ value }) => value.length);
    expect(Math.max(...long)).toBe(512);
  });
});

test('what the older format counts: dotted symbols and callees, arguments, class names', () => {
  const code = `class CognitoIdentityClient {}
save(cartItem.product_id);
jwt.sign(process.env.JWT_SECRET);`;
  expect(found('symbol', code)).toEqual([
    'CognitoIdentityClient:1',
    'cartItem.product_id:2',
    'jwt.sign:3',
    'process.env.JWT_SECRET:3',
  ]);
  expect(found('callee', code)).toEqual(['save:2', 'jwt.sign:3']);
  expect(found('argument', code)).toEqual(['cartItem.product_id:2', 'process.env.JWT_SECRET:3']);
  expect(found('assignment', 'const a = b; c.d = 1;')).toEqual(['a:1', 'c.d:1']);
  expect(found('assigned_text', 'const a = b; c.d = 1;')).toEqual(['b:1', '1:1']);
});

test('functions have their names and lines, components and imports theirs', () => {
  const { functions, components, imports } = extract(
    `import { a } from './x.js';
function one() {
  return 1;
}
const Two = memo(() => <div/>);
class Three extends React.Component {}
const lower = () => <i/>;`,
    'Tsx',
  );
  expect(functions.map(({ name, startLine, endLine }) => [name, startLine, endLine])).toEqual([
    ['one', 2, 4],
    ['Two', 5, 5],
    ['lower', 7, 7],
  ]);
  expect(functions[0]?.signature).toBe('function one()');
  expect(components.map(({ name }) => name)).toEqual(['Two', 'Three']);
  expect(imports).toEqual([{ module: './x.js', line: 1, text: `import { a } from './x.js';` }]);
});

test('tables of SQL in strings have the lines of the source', () => {
  expect(found('sql_table', 'db.query(`\n  select * from orders\n  join users on true`);')).toEqual([
    'orders:2',
    'users:3',
  ]);
});

test('a file of SQL holds tables, by their lines', () => {
  const { mentions } = extractSql(
    readSource(Buffer.from('-- users\nSELECT 1\nFROM a;\nDROP TABLE b;'), 'sql'),
  );
  expect(mentions).toEqual([
    { value: 'a', line: 3, marks: MARK.sql_table },
    { value: 'b', line: 4, marks: MARK.sql_table },
  ]);
});

test('a record survives its encoding', () => {
  const record = extract("import a from 'b';\nconst f = (x) => x.y(1);\napp.get('/a', f);");
  const read = new RecordReader(encodeRecord(record));
  const mentions: unknown[] = [];
  read.eachMention((index, line, marks) => mentions.push({ value: read.values[index], line, marks }));
  const { functions, imports, components } = record;
  expect(mentions).toEqual(record.mentions);
  expect(read.structure()).toEqual({ functions, imports, components });
  expect(read.routes()).toEqual(record.routes);
});
