import { createHash } from 'node:crypto';
import { parseSpec } from '#contracts/spec/parse-spec.js';
import type { Spec } from '#domain/spec/spec.js';
import type { BlobSource } from '#engine/ports/git.port.js';
import { createFacts } from './facts-adapter.js';
import { extractIdentifiers } from './identifiers.js';

type Files = Readonly<Record<string, string | Buffer | { link: string }>>;

/** Commits held in memory; remembers which blobs were read. */
class MemorySource implements BlobSource {
  readonly reads: string[] = [];
  private readonly blobs = new Map<string, Buffer>();

  constructor(private readonly commits: Readonly<Record<string, Files>>) {}

  tree(commit: string) {
    const entries = Object.entries(this.commits[commit] ?? {}).map(([path, content]) => {
      const link = typeof content === 'object' && 'link' in content;
      const bytes = link ? Buffer.from(content.link) : Buffer.from(content as string);
      const blob = createHash('sha1').update(bytes).digest('hex');
      this.blobs.set(blob, bytes);
      return { path, mode: link ? '120000' : '100644', blob, size: bytes.length };
    });
    return Promise.resolve(entries);
  }

  read(blobs: readonly string[]) {
    this.reads.push(...blobs);
    return Promise.resolve(blobs.map((blob) => this.blobs.get(blob) as Buffer));
  }
}

function spec(rules: string): Spec {
  const parsed = parseSpec(`spec: 1\nrules:\n${rules}`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.spec;
}

const everywhere = spec('  - { id: a, forbid: { identifiers: [x] } }\n');
const inSrc = spec('  - { id: a, scope: { include: ["src/**"] }, forbid: { identifiers: [x] } }\n');

const values = (source: string, grammar: 'TypeScript' | 'Tsx' | 'JavaScript' = 'TypeScript') =>
  extractIdentifiers(source, grammar).map(({ value, line }) => `${value}:${line}`);

describe('identifiers', () => {
  test('are every kind of name, and nothing else', () => {
    const source = `import { a as b } from 'quoted'; // commented
class C<T> extends D { #p = 1; q = 'text'; get r() { return this.#p; } }
const { s, t: u, v = 1 } = ns.w; type X = Y.Z;
const o = { sh, key: 1 }; \`raw \${inner}\`; /* legacy
legacy */ out: for (;;) break out;`;
    const found = new Set(extractIdentifiers(source, 'TypeScript').map((fact) => fact.value));
    const expected = 'a b C T D #p q r s t u v ns w X Y Z o sh key inner out'.split(' ');
    expect([...found].sort()).toEqual(expected.sort());
  });

  test('have 1-based lines, once per value and line', () => {
    expect(values('a(a);\n\nb.a;')).toEqual(['a:1', 'b:3', 'a:3']);
  });

  test('of JSX are its elements and attributes, not its text', () => {
    const found = values('const e = <Foo.Bar data-x={y}>words <div/></Foo.Bar>;', 'Tsx');
    expect(found).toEqual(expect.arrayContaining(['Foo:1', 'Bar:1', 'data-x:1', 'y:1', 'div:1']));
    expect(found).not.toContain('words:1');
    expect(values('const e = <Foo x="1"/>;', 'JavaScript')).toEqual(expect.arrayContaining(['Foo:1', 'x:1']));
  });

  test('cannot hide behind an escape, a NUL byte or broken code', () => {
    expect(values('leg\\u0061cyAuth(); l\\u{65}gacy();')).toEqual(['legacyAuth:1', 'legacy:1']);
    expect(values('/* \0 */ legacyAuth();', 'JavaScript')).toContain('legacyAuth:1');
    expect(values('function ( { legacyAuth(); ]')).toContain('legacyAuth:1');
  });

  test('of deeply nested code do not overflow the stack', () => {
    expect(values(`${'('.repeat(20_000)}deep${')'.repeat(20_000)}`)).toEqual(['deep:1']);
  });
});

describe('collect', () => {
  const files: Files = {
    'src/a.ts': 'x();',
    'src/b.py': 'x()',
    'lib/c.js': 'x();',
    'README.md': 'x',
    'src/link.ts': { link: 'a.ts' },
  };

  test('lists every file with its support and reads only what a rule can see', async () => {
    const source = new MemorySource({ one: files });
    const facts = await createFacts().collect({ source, commit: 'one', spec: inSrc });
    expect(facts).toMatchObject({ commit: 'one', kinds: ['identifiers'] });
    expect(
      Object.fromEntries(facts.files.map((file) => [file.path, [file.support, file.facts.identifiers]])),
    ).toEqual({
      'src/a.ts': ['supported', [{ value: 'x', line: 1 }]],
      'src/b.py': ['unsupported', undefined],
      'lib/c.js': ['supported', undefined],
      'README.md': ['not_source', undefined],
      'src/link.ts': ['not_source', undefined],
    });
    expect(source.reads).toHaveLength(1);
  });

  test('also reads what a forbid must see outside of its scope', async () => {
    const source = new MemorySource({ one: files });
    const facts = await createFacts().collect({ source, commit: 'one', spec: inSrc, alsoRead: ['lib/c.js'] });
    expect(facts.files.find((file) => file.path === 'lib/c.js')?.facts.identifiers).toHaveLength(1);
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
    expect(facts.files.map((file) => file.facts.identifiers?.[0]?.value)).toEqual(['x', 'fresh', 'x', 'x']);
  });

  test('a small memo forgets, and still answers right', async () => {
    const source = new MemorySource({ one: { 'a.ts': 'a();', 'b.ts': 'b();', 'c.ts': 'c();' } });
    const port = createFacts({ maxRememberedBlobs: 1 });
    for (let round = 0; round < 2; round += 1) {
      const facts = await port.collect({ source, commit: 'one', spec: everywhere });
      expect(facts.files.map((file) => file.facts.identifiers?.[0]?.value)).toEqual(['a', 'b', 'c']);
    }
  });

  test('a file over the limit is named as not read, never as empty', async () => {
    const source = new MemorySource({ one: { 'a.ts': 'x();'.repeat(10) } });
    const facts = await createFacts({ maxFileBytes: 8 }).collect({ source, commit: 'one', spec: everywhere });
    expect(facts.files).toEqual([
      { path: 'a.ts', support: 'supported', facts: {}, unread: expect.stringMatching(/larger than 8/) },
    ]);
  });

  test('UTF-16 source is read as such', async () => {
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('legacyAuth();', 'utf16le')]);
    const source = new MemorySource({ one: { 'a.ts': utf16 } });
    const facts = await createFacts().collect({ source, commit: 'one', spec: everywhere });
    expect(facts.files[0]?.facts.identifiers?.[0]?.value).toBe('legacyAuth');
  });
});
