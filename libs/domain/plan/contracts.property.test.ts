import fc from 'fast-check';
import { evaluate } from '../spec/evaluate.js';
import type { CommitFacts, FileFacts } from '../spec/facts.js';
import { Folder } from '../spec/folder.js';
import type { ChangedPath } from '../spec/moved-hits.js';
import { sightRule } from '../spec/rule-sight.js';
import type { Spec, SpecRule, TermSet } from '../spec/spec.js';
import { judgeStandingRule, touchedRules, withContracts } from '../spec/standing-contracts.js';
import { contractsBinding, listContracts, type FinishedTask, type Waiver } from './contracts.js';

const WORDS = ['a', 'b', 'c'];
const PATHS = ['src/x.ts', 'src/y.ts', 'lib/z.ts'];
type Tree = Readonly<Record<string, readonly string[]>>;

const words = fc.uniqueArray(fc.constantFrom(...WORDS), { maxLength: 3 });
const change = fc.dictionary(fc.constantFrom(...PATHS), fc.option(words), { maxKeys: 2 });
const set = fc.uniqueArray(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 2 });
const rule = fc.record({
  side: fc.constantFrom('require', 'forbid'),
  terms: set,
  when: fc.option(set, { nil: undefined, freq: 3 }),
  include: fc.constantFrom([], ['src/**'], ['lib/**']),
  within: fc.constantFrom('file', 'scope'),
});
const step = fc.record({
  change,
  rules: fc.array(rule, { minLength: 1, maxLength: 2 }),
  guard: fc.boolean(),
  supersedes: fc.array(fc.tuple(fc.nat(5), fc.nat(1)), { maxLength: 1 }),
  waives: fc.option(fc.tuple(fc.nat(5), fc.nat(1)), { nil: undefined, freq: 4 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function termSet(texts: readonly string[]): TermSet {
  const identifiers = texts.map((text) => ({ text, matches: (value: string) => value === text }));
  return { terms: { identifiers, expressions: [], sql_tables: [], api_routes: [] }, ast: [], files: [] };
}

function specOf({ rules, guard }: Step): Spec {
  return {
    semantics: 'strict',
    name: '',
    rules: rules.map(({ side, terms, when, include, within }, at): SpecRule => ({
      id: `r${at}`,
      description: '',
      severity: 'high',
      scope: { include, exclude: [] },
      within: within === 'file' ? 'file' : 'scope',
      ...(when && { when: termSet(when) }),
      ...(side === 'require' ? { require: { ...termSet(terms), min: 1 } } : { forbid: termSet(terms) }),
    })),
    checks: [],
    pass: { failAt: 'low' },
    guard,
  };
}

function facts(tree: Tree): CommitFacts {
  return {
    commit: JSON.stringify(tree),
    kinds: ['identifiers'],
    astLanguages: [],
    files: Folder.of(
      Object.entries(tree).map(([path, values]): FileFacts => ({
        path,
        support: 'supported',
        facts: { identifiers: values.map((value, line) => ({ value, line: line + 1 })) },
      })),
    ),
  };
}

function changed(tree: Tree, by: Step['change']): Tree {
  const next = Object.entries({ ...tree, ...by }).filter(([, content]) => content !== null);
  return Object.fromEntries(next) as Tree;
}

function diff(before: Tree, after: Tree): ChangedPath[] {
  return PATHS.filter((path) => JSON.stringify(before[path]) !== JSON.stringify(after[path])).map((path) => ({
    path,
  }));
}

const isGreen = (of: SpecRule, tree: Tree) => sightRule(of, facts(tree), 'base').colour === 'green';

/** Tasks one after the other, each on the tip, as the lane integrates them. @returns how many integrations were stopped */
function runPlan(steps: readonly Step[]): number {
  const planBase: Tree = { 'src/x.ts': ['a'], 'lib/z.ts': ['b'] };
  let tip = planBase;
  let stopped = 0;
  const finished: FinishedTask[] = [];
  const waivers: Waiver[] = [];
  const ended = new Set<string>();
  steps.forEach((each, index) => {
    const number = index + 1;
    const spec = specOf(each);
    const tree = changed(tip, each.change);
    const supersedes = each.supersedes.map(([task, at]) => `k${task + 1}.r${at}`);
    if (each.waives !== undefined) {
      const [contract, owner] = [
        `${each.waives[0] + 1}.r${each.waives[1]}`,
        finished.find((task) => task.number === (each.waives?.[0] ?? 0) + 1),
      ];
      if (owner !== undefined) {
        waivers.push({ contract, since: owner.completedAt, actor: '', note: '', at: new Date(0) });
        ended.add(contract);
      }
    }
    const [attemptBase, candidate, changedFiles] = [facts(tip), facts(tree), diff(tip, tree)];
    const own = evaluate({
      spec,
      candidate,
      attemptBase,
      planBase: facts(planBase),
      checks: [],
      builtInViolations: [],
      changedFiles,
      candidateUnchanged: changedFiles.length === 0,
    });
    const binding = contractsBinding({ number, supersedes }, listContracts(finished, waivers));
    const items = touchedRules(binding.rules, changedFiles).flatMap(
      (standing) => judgeStandingRule(standing, { attemptBase, candidate, changedFiles }) ?? [],
    );
    const verdict = withContracts(own, items);
    const breaks = finished.some((task) =>
      task.spec?.rules.some((of) => {
        const stands =
          task.green.some(({ id }) => id === of.id) &&
          (task.spec?.guard || task.green.some(({ turned }) => turned));
        const isEnded =
          ended.has(`${task.number}.${of.id}`) || supersedes.includes(`k${task.number}.${of.id}`);
        return stands && !isEnded && isGreen(of, tip) && sightRule(of, candidate, 'base').colour === 'red';
      }),
    );
    if (verdict.outcome === 'fail' && own.outcome !== 'fail') stopped += 1;
    const passes = verdict.outcome === 'pass' || verdict.outcome === 'satisfied';
    expect(passes && breaks).toBe(false);
    expect(verdict.outcome === 'fail').toBe(breaks || own.outcome === 'fail');
    if (!passes) return;
    tip = tree;
    for (const name of supersedes) ended.add(name.slice(1));
    const green = own.items
      .filter((item) => item.candidate === 'green')
      .map(({ id, turned }) => ({ id, turned }));
    const completedAt = new Date(number);
    finished.push({
      number,
      key: `k${number}`,
      title: '',
      commit: null,
      completedAt,
      spec,
      green,
      supersedes,
    });
  });
  return stopped;
}

it('a plan never integrates a tree on which a contract that nobody ended turned red, and stops nothing else', () => {
  let stopped = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 6 }), (steps) => {
      stopped += runPlan(steps);
    }),
    { numRuns: 2_000 },
  );
  expect(stopped).toBeGreaterThan(20);
});
