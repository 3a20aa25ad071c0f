import fc from 'fast-check';
import type { Verdict } from '#domain/spec/verdict.js';
import { createFacts } from '#facts/facts-adapter.js';
import { GitTestKit, REPOSITORY } from '#testing/git-test-kit.js';
import { historySteps, writeHistory } from '#testing/random-history.js';
import type { FactsPort } from '../ports/facts.port.js';
import type { GitPort } from '../ports/git.port.js';
import { grade } from './grade.js';

const SPEC = `spec: 1
rules:
  - { id: everywhere, forbid: { identifiers: [legacyAuth] } }
  - { id: in-src, scope: { include: ["src/**/*.ts"], exclude: ["src/old/**"] }, forbid: { identifiers: [session] } }
  - { id: needed, scope: { include: ["{src,lib}/*.ts"] }, require: { identifiers: ['/^verify/'], min: 2 } }
  - { id: beside, when: { expressions: [jwt.sign] }, require: { expressions: [process.env.SECRET] }, within: file }
  - { id: eval, scope: { include: ["lib/**"] }, forbid: { ast: { language: TypeScript, pattern: "eval($X)" } } }
  - { id: tables, scope: { exclude: ["src/**"] }, forbid: { sql_tables: [orders] } }
  - { id: routes, forbid: { api_routes: ["GET /old/:id"] } }
  - { id: documents, require: { files: ["docs/*.md"] } }
  - { id: no-scripts, scope: { include: ["**/old/**"] }, forbid: { files: ["**/*.sh"] } }
`;
const PATHS = [
  'src/a.ts',
  'src/b.ts',
  'src/old/c.ts',
  'src/deep/er/d.ts',
  'lib/e.ts',
  'lib/f.tsx',
  'lib/old/g.py',
  'lib/h.rb',
  'docs/i.md',
  'run/old/j.sh',
  'src',
  'k.ts',
];
const CONTENTS = [
  '',
  'legacyAuth();\n',
  'session();\nverifyToken();\n',
  'verifyToken();\nverifyUser();\n',
  'jwt.sign(1);\n',
  'jwt.sign(process.env.SECRET);\neval(1);\n',
  "db.query('select a from orders where b = 1');\n",
  "app.get('/old/:id', handler);\n",
  '// nothing\n',
  'src/a.ts',
];

let kit: GitTestKit;

beforeEach(async () => {
  kit = await GitTestKit.create();
});
afterEach(() => kit.remove());

function judge(git: GitPort, facts: FactsPort, planBase: string, base: string, candidate: string) {
  const never = () => Promise.reject(new Error('the spec has no checks'));
  const deps = { git, facts, workspaces: { open: never }, checks: { run: never, environment: never } };
  return grade(deps, {
    repositoryId: REPOSITORY,
    specText: SPEC,
    planBase,
    attemptBase: base,
    candidate,
    mayChange: [],
    setup: null,
    signal: new AbortController().signal,
  });
}

it('a verdict says the same whatever commits were judged before it', async () => {
  const warm = kit.worker('warm');
  await kit.imported(warm, { 'first.ts': 'x' });
  const known = createFacts();
  const histories = fc.sample(historySteps(PATHS, CONTENTS), { numRuns: 8, seed: 46 });
  const outcomes = new Map<Verdict['outcome'], number>();
  for (const [at, steps] of histories.entries()) {
    const commits = await writeHistory(kit.hub, `history-${at}`, steps);
    const [planBase = ''] = commits;
    for (const [next, candidate] of commits.slice(1).entries()) {
      const base = commits[next] ?? '';
      const verdict = await judge(warm, known, planBase, base, candidate);
      const fresh = kit.worker(`fresh-${at}-${next}`);
      const afresh = await judge(fresh, createFacts({ skip: next % 2 === 0 }), planBase, base, candidate);
      await fresh.close();
      expect(verdict).toEqual(afresh);
      outcomes.set(verdict.outcome, (outcomes.get(verdict.outcome) ?? 0) + 1);
    }
  }
  expect(outcomes.get('fail')).toBeGreaterThan(5);
});
