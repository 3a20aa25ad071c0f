import fc from 'fast-check';
import { parseSpec } from '#contracts/spec/parse-spec.js';
import { evaluate } from '#domain/spec/evaluate.js';
import type { Spec } from '#domain/spec/spec.js';
import { MemorySource, type Files } from '#testing/memory-source.js';
import { createFacts } from './facts-adapter.js';

const NAMES = ['legacyAuth', 'jwt', 'sign', 'SECRET', 'kiosk'];
const name = fc.constantFrom(...NAMES);

/** The same name in the ways in which sources write it. */
const disguised = name.chain((plain) =>
  fc.constantFrom(
    plain,
    plain,
    plain.toUpperCase(),
    `${plain[0] ?? ''}\\u${(plain.codePointAt(1) ?? 0).toString(16).padStart(4, '0')}${plain.slice(2)}`,
    plain.replace('k', '\u212a').replace('S', '\u017f'),
    plain.replace('fi', '\ufb01'),
  ),
);

const statement = fc.oneof(
  disguised.map((a) => `${a}();`),
  fc.tuple(disguised, disguised).map(([a, b]) => `${a}.${b}(1, ${b});`),
  fc.tuple(disguised, disguised).map(([a, b]) => `${a}\n  /* why */ ?. ${b}(${a});`),
  fc.tuple(disguised, disguised).map(([a, b]) => `x = ${a}['${b}'];`),
  disguised.map((a) => `// ${a}`),
  disguised.map((a) => `"${a}";`),
  fc.constant('eval(1);'),
  name.map((each) => `app.get('/${each}', h);`),
  name.map((each) => `db.query('select a from ${each} where b = 1');`),
  name.map((each) => `db.query("delete from ${each.slice(0, 2)}" + '${each.slice(2)}');`),
  name.map((each) => `db.query(\`delete from ${each.slice(0, 2)}\${'${each.slice(2)}'}\`);`),
  name.map((each) => `db.query('select a from b where (c, ${each}');`),
  name.map((each) => `db.query(\`select a from \${t}\`); // ${each}`),
  fc.constant('((('),
);

const content = fc.tuple(fc.array(statement, { maxLength: 4 }), fc.boolean()).map(([lines, wide]) => {
  const text = lines.join('\n');
  return wide ? Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]) : text;
});

const path = fc
  .tuple(
    fc.constantFrom('src/', 'lib/', ''),
    fc.constantFrom('a', 'b', 'c'),
    fc.constantFrom('ts', 'js', 'py', 'go', 'java', 'tsx', 'sql', 'md', 'rb'),
  )
  .map(([folder, base, extension]) => `${folder}${base}.${extension}`);

const files: fc.Arbitrary<Files> = fc.dictionary(path, content, { maxKeys: 6 });

const terms = fc.oneof(
  fc.record({
    identifiers: fc.array(
      fc.oneof(
        name,
        name.map((each) => `/^${each.slice(0, 3)}/i`),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  fc.record({
    expressions: fc.array(
      fc.oneof(
        fc.tuple(name, name).map((pair) => pair.join('.')),
        name.map((each) => `/${each}|eval/`),
        name.map((each) => `/\\.${each}s?$/`),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  fc.record({
    sql_tables: fc.array(
      fc.oneof(
        name,
        name.map((each) => `/${each}/i`),
      ),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  name.map((each) => ({ api_routes: [`/${each}`] })),
  name.map((each) => ({ ast: { language: 'TypeScript', pattern: `${each}($$$A)` } })),
);

const rule = fc.record(
  {
    scope: fc.constantFrom(
      {},
      { include: ['src/**'] },
      { include: ['**/*.ts', '**/*.py'] },
      { exclude: ['src/*.ts'] },
    ),
    when: terms,
    require: terms,
    forbid: terms,
    within: fc.constantFrom('file', 'scope', 'function'),
  },
  { requiredKeys: ['scope'] },
);

const spec = fc
  .array(rule, { minLength: 1, maxLength: 3 })
  .map((rules) => rules.map((each, index) => ({ id: `r${index}`, ...each })))
  .map((rules) => parseSpec(JSON.stringify({ spec: 1, rules })))
  .filter((parsed) => parsed.ok)
  .map((parsed) => (parsed as { readonly spec: Spec }).spec);

test('a verdict is the same whether or not files that cannot hold a term are skipped', async () => {
  await fc.assert(
    fc.asyncProperty(spec, files, files, async (asked, base, candidate) => {
      const verdicts = await Promise.all(
        [true, false].map(async (skip) => {
          const port = createFacts({ skip });
          const source = new MemorySource({ base, candidate });
          const all = [...new Set([...Object.keys(base), ...Object.keys(candidate)])];
          const paths = all.filter((each) => String(base[each]) !== String(candidate[each]));
          const collect = (commit: string) => port.collect({ source, commit, spec: asked, alsoRead: paths });
          const before = await collect('base');
          return evaluate({
            spec: asked,
            candidate: await collect('candidate'),
            attemptBase: before,
            planBase: before,
            checks: [],
            builtInViolations: [],
            changedFiles: paths.map((each) => ({ path: each })),
            candidateUnchanged: false,
          });
        }),
      );
      expect(verdicts[0]).toEqual(verdicts[1]);
    }),
    { numRuns: 400 },
  );
});

test('a verdict is the same whether or not commits were judged before', async () => {
  const history = fc.array(files, { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(spec, history, fc.boolean(), async (asked, commits, skip) => {
      const named = Object.fromEntries(commits.map((each, at) => [String(at), each]));
      const paths = [...new Set(commits.flatMap((each) => Object.keys(each)))];
      const warm = createFacts({ skip });
      const source = new MemorySource(named);
      const judged = async (candidate: number, of: typeof warm, at: MemorySource, rules: Spec) => {
        const collect = (commit: number, alsoRead: readonly string[]) =>
          of.collect({ source: at, commit: String(commit), spec: rules, alsoRead });
        const before = await collect(candidate - 1, paths);
        return evaluate({
          spec: rules,
          candidate: await collect(candidate, paths),
          attemptBase: before,
          planBase: await collect(0, []),
          checks: [],
          builtInViolations: [],
          changedFiles: paths.map((each) => ({ path: each })),
          candidateUnchanged: false,
        });
      };
      for (let candidate = 1; candidate < commits.length; candidate += 1) {
        const afresh = { ...asked, rules: asked.rules.map((each) => ({ ...each })) };
        expect(await judged(candidate, warm, source, asked)).toEqual(
          await judged(candidate, createFacts({ skip }), new MemorySource(named), afresh),
        );
      }
    }),
    { numRuns: 200 },
  );
});

test('after a commit only the files of changed folders are looked at again', async () => {
  const parsed = parseSpec('spec: 1\nrules:\n  - { id: r, forbid: { identifiers: [x] } }');
  if (!parsed.ok) throw new Error('the spec is none');
  const one = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`src/${at % 8}/${at}.ts`, `x(${at});`]),
  );
  const source = new MemorySource({ one, two: { ...one, 'src/3/3.ts': '\nx();' } });
  const facts = createFacts();
  const collect = (commit: string) => facts.collect({ source, commit, spec: parsed.spec });
  const [before, after] = [await collect('one'), await collect('two')];
  const same = (path: string) => after.files.at(path) === before.files.at(path);
  expect(before.files.list().filter(({ path }) => !path.startsWith('src/3/') && !same(path))).toEqual([]);
  expect(after.files.at('src/3/3.ts')?.facts.identifiers).toEqual([{ value: 'x', line: 2 }]);
});

test('a word that is put together from parts is found where no part of it is whole', async () => {
  const parsed = parseSpec('spec: 1\nrules:\n  - { id: r, forbid: { expressions: [/kiosk/] } }');
  if (!parsed.ok) throw new Error('the spec is none');
  for (const text of ['"delete from ki" + \'osk\'', '`delete from ${"ki"}osk`']) {
    const source = new MemorySource({ base: { 'src/a.ts': `db.query(${text});` } });
    const { files: found } = await createFacts().collect({
      source,
      commit: 'base',
      spec: parsed.spec,
      alsoRead: [],
    });
    expect(found.at('src/a.ts')?.facts.expressions?.map(({ value }) => value)).toContain('delete from kiosk');
  }
});
