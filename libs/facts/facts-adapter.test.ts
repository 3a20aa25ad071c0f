import { parseSpec } from '#contracts/spec/parse-spec.js';
import type { Spec } from '#domain/spec/spec.js';
import { createFacts } from './facts-adapter.js';
import { MemorySource, type Files } from '#testing/memory-source.js';

function spec(rules: string): Spec {
  const parsed = parseSpec(`spec: 1\nrules:\n${rules}`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.spec;
}

const everywhere = spec('  - { id: a, forbid: { identifiers: [x] } }\n');
const inSrc = spec('  - { id: a, scope: { include: ["src/**"] }, forbid: { identifiers: [x] } }\n');

describe('collect', () => {
  const files: Files = {
    'src/a.ts': 'x();',
    'src/b.rb': 'x()',
    'lib/c.js': 'x();',
    'README.md': 'x',
    'src/link.ts': { link: 'a.ts' },
  };

  test('lists every file with its support and reads only what a rule can see', async () => {
    const source = new MemorySource({ one: files });
    const facts = await createFacts().collect({ source, commit: 'one', spec: inSrc });
    expect(facts.commit).toBe('one');
    expect(facts.kinds).toContain('identifiers');
    expect(
      Object.fromEntries(
        facts.files.list().map((file) => [file.path, [file.support, file.facts.identifiers]]),
      ),
    ).toEqual({
      'src/a.ts': ['supported', [{ value: 'x', line: 1 }]],
      'src/b.rb': ['unsupported', undefined],
      'lib/c.js': ['supported', undefined],
      'README.md': ['not_source', undefined],
      'src/link.ts': ['not_source', undefined],
    });
    expect(source.reads).toHaveLength(1);
  });

  test('also reads what a forbid must see outside of its scope', async () => {
    const source = new MemorySource({ one: files });
    const facts = await createFacts().collect({ source, commit: 'one', spec: inSrc, alsoRead: ['lib/c.js'] });
    expect(facts.files.at('lib/c.js')?.facts.identifiers).toHaveLength(1);
  });

  test('a route is told by the files of several folders, and again where one of them changed', async () => {
    const users =
      "import { Router } from 'express';\nexport const users = Router();\nusers.get('/all', list);\n";
    const app = (prefix: string) =>
      `import express from 'express';\nimport { users } from './deep/users.js';\nconst app = express();\napp.use('${prefix}', users);\n`;
    const source = new MemorySource({
      one: { 'src/app.ts': app('/old'), 'src/deep/users.ts': users, 'lib/x.ts': 'x();' },
      two: { 'src/app.ts': app('/new'), 'src/deep/users.ts': users, 'lib/x.ts': 'x();' },
    });
    const asked = spec('  - { id: a, forbid: { api_routes: ["GET /old/all"] } }\n');
    const port = createFacts();
    for (const [commit, route] of [
      ['one', 'GET /old/all'],
      ['two', 'GET /new/all'],
    ] as const) {
      const facts = await port.collect({ source, commit, spec: asked });
      expect(facts.files.at('src/deep/users.ts')?.facts.api_routes).toEqual([{ value: route, line: 3 }]);
      expect(facts.files.at('lib/x.ts')?.facts.api_routes).toEqual([]);
    }
  });

  test('without identifier rules nothing is read', async () => {
    const source = new MemorySource({ one: files });
    const onlyFiles = spec('  - { id: a, require: { files: [a] } }\n');
    await createFacts().collect({ source, commit: 'one', spec: onlyFiles, alsoRead: ['src/a.ts'] });
    expect(source.reads).toEqual([]);
  });

  test('a blob is read once for all commits, and again where another grammar reads it', async () => {
    const source = new MemorySource({
      one: { 'a.ts': 'x();', 'b.ts': 'old();' },
      two: { 'a.ts': 'x();', 'b.ts': 'fresh();', 'moved.ts': 'x();', 'c.js': 'x();' },
    });
    const port = createFacts();
    await port.collect({ source, commit: 'one', spec: everywhere });
    expect(source.reads).toHaveLength(2);
    const facts = await port.collect({ source, commit: 'two', spec: everywhere });
    expect(source.reads).toHaveLength(4);
    expect(facts.files.list().map((file) => file.facts.identifiers?.[0]?.value)).toEqual([
      'x',
      undefined,
      'x',
      'x',
    ]);
  });

  test('a small memory forgets, and still answers right', async () => {
    const source = new MemorySource({ one: { 'a.ts': 'x(); a();', 'b.ts': 'x(); b();' } });
    const port = createFacts({ maxMemoryBytes: 1 });
    for (const name of ['a', 'b', 'x']) {
      const asked = spec(`  - { id: a, forbid: { identifiers: [${name}] } }\n`);
      const facts = await port.collect({ source, commit: 'one', spec: asked });
      const hits = facts.files.list().flatMap((file) => file.facts.identifiers ?? []);
      expect(hits.filter(({ value }) => value === name)).toHaveLength(name === 'x' ? 2 : 1);
    }
  });

  test('what no term can match is not parsed, but for one file that shows that there are facts', async () => {
    const source = new MemorySource({ one: { 'a.ts': '// none', 'b.ts': 'b();', 'c.ts': 'c();' } });
    const facts = await createFacts().collect({ source, commit: 'one', spec: everywhere });
    expect(facts.files.list().map((file) => file.facts.identifiers?.length)).toEqual([
      0,
      1,
      expect.any(Number),
    ]);
  });

  test.each(['pattern: "((("', 'rule: { kind: nope }', 'rule: { foo: 1 }'])(
    'a term of ast-grep that can never match, %s, is named as such',
    async (term) => {
      const source = new MemorySource({ one: { 'a.ts': 'eval(1)' } });
      const asked = spec(`  - { id: a, forbid: { ast: { language: TypeScript, ${term} } } }\n`);
      const facts = await createFacts().collect({ source, commit: 'one', spec: asked });
      expect(Object.values(facts.astProblems ?? {})).toEqual([
        expect.stringMatching(/^the ast (pattern|rule)/),
      ]);
    },
  );

  test.each([
    ['TypeScript', 'eval($X)', 'a.ts', '\neval(1);', [2]],
    ['ts', 'eval($X)', 'a.tsx', 'eval(<a/>);', [1]],
    ['TypeScript', '<$T>$X', 'a.ts', 'let a = <number>b;', [1]],
    ['Tsx', 'eval($X)', 'a.ts', 'eval(1);', undefined],
    ['Python', 'os.system($X)', 'a.py', 'import os\nos.system(a)\n', [2]],
    ['Go', 'fmt.Println($X)', 'a.go', 'package a\nfunc f() {\n\tfmt.Println(a)\n}\n', [3]],
    ['java', '$A.exec($$$B)', 'A.java', 'class A { void f() {\n a.exec(b, c); } }', [2]],
    ['JavaScript', 'ev\\u0061l($X)', 'a.js', 'eval(1);', []],
    ['JavaScript', 'eval($X)', 'a.js', 'ev\\u0061l(1);', [1]],
  ])('%s pattern %s in %s', async (language, pattern, path, code, lines) => {
    const source = new MemorySource({ one: { [path]: code } });
    const asked = spec(
      `  - { id: a, forbid: { ast: { language: ${language}, pattern: ${JSON.stringify(pattern)} } } }\n`,
    );
    const facts = await createFacts().collect({ source, commit: 'one', spec: asked });
    expect(Object.values(facts.files.list()[0]?.ast ?? {})[0]).toEqual(lines);
    expect(facts.astLanguages).toContain(asked.rules[0]?.forbid?.ast[0]?.language);
  });

  test('a file over the limit is named as not read, never as empty', async () => {
    const source = new MemorySource({ one: { 'a.ts': 'x();'.repeat(10) } });
    const facts = await createFacts({ maxFileBytes: 8 }).collect({ source, commit: 'one', spec: everywhere });
    expect(facts.files.list()).toEqual([
      { path: 'a.ts', support: 'supported', facts: {}, unread: expect.stringMatching(/larger than 8/) },
    ]);
  });

  test('UTF-16 source is read as such', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('legacyAuth();', 'utf16le')]);
    const source = new MemorySource({ one: { 'a.ts': utf16 } });
    const facts = await createFacts().collect({ source, commit: 'one', spec: everywhere });
    expect(facts.files.list()[0]?.facts.identifiers?.[0]?.value).toBe('legacyAuth');
  });
});
