import { judgeCheck, type JudgedItem } from '#domain/spec/check-standing.js';
import type { StandingContracts } from '#domain/plan/contracts.js';
import type { CommitFacts } from '#domain/spec/facts.js';
import type { ChangedPath } from '#domain/spec/moved-hits.js';
import { SEMANTICS, type Semantics, type Spec, type SpecCheck } from '#domain/spec/spec.js';
import {
  judgeStandingCheck,
  judgeStandingRule,
  touchedRules,
  withContracts,
  type StandingCheck,
  type StandingRule,
} from '#domain/spec/standing-contracts.js';
import type { Verdict } from '#domain/spec/verdict.js';
import { canonicalHash } from '../canonical.js';
import type { FactsPort } from '../ports/facts.port.js';
import type { BlobSource } from '../ports/git.port.js';
import { grade, type GradeDeps, type GradeOrder } from './grade.js';
import { readSpec } from './read-spec.js';
import { runChecks } from './run-checks.js';

/**
 * Judges a candidate by its own spec and by what earlier tasks of its plan proved. Rules are looked at where the change
 * touches what they can see. A standing check is run once per command, unless the spec has it as well or the candidate
 * fails anyway.
 */
export async function gradeInPlan(
  deps: GradeDeps,
  order: GradeOrder,
  contracts: StandingContracts,
): Promise<Verdict> {
  const verdict = await grade(deps, order);
  const { repositoryId, attemptBase: from, candidate: to } = order;
  if (from === to || contracts.rules.length + contracts.checks.length === 0) return verdict;
  const changed = await deps.git.diff({ repositoryId, from, to });
  if (changed.length === 0) return verdict;
  const rules = await judgeRules(deps, order, touchedRules(contracts.rules, changed), changed);
  const withRules = withContracts(verdict, rules);
  if (withRules.outcome === 'fail') return withRules;
  return withContracts(withRules, await judgeChecks(deps, order, contracts.checks));
}

/**
 * Judges a plan's tip as it is merged with its target, by all that its tasks proved. There is no next candidate that
 * could mend it: what is red counts, also where it was red before. What nobody can decide is told, and holds up nothing.
 *
 * @param order.attemptBase the plan's own tip
 */
export async function gradeDelivery(
  deps: GradeDeps,
  order: GradeOrder,
  contracts: StandingContracts,
): Promise<Verdict> {
  const { repositoryId, attemptBase: from, candidate: to } = order;
  const changed = await deps.git.diff({ repositoryId, from, to });
  const items = [
    ...(await judgeRules(deps, order, contracts.rules, changed)),
    ...(await judgeChecks(deps, order, contracts.checks)),
  ].map(redCounts);
  const count = contracts.rules.length + contracts.checks.length;
  const summary = count === 0 ? 'no contract stands.' : `${count} standing contracts, none of them is red.`;
  const none: Verdict = { outcome: 'pass', summary, violations: [], items: [], blocking: 0 };
  return withContracts(none, items);
}

function redCounts(item: JudgedItem): JudgedItem {
  const { result, violations } = item;
  if (result.candidate !== 'red' || violations.length > 0) return item;
  const message = result.note ?? 'it is red';
  const violation = { rule: result.id, severity: 'high', message } as const;
  return { result: { ...result, violations: 1 }, violations: [violation] };
}

async function judgeRules(
  deps: GradeDeps,
  order: GradeOrder,
  rules: readonly StandingRule[],
  changedFiles: readonly ChangedPath[],
): Promise<JudgedItem[]> {
  const items: JudgedItem[] = [];
  const source = deps.git.blobs(order.repositoryId);
  for (const semantics of SEMANTICS) {
    const own = rules.filter((each) => each.semantics === semantics);
    if (own.length === 0) continue;
    const spec = specOf(semantics, own);
    const facts = await collect(deps.facts, source, spec, order);
    for (const rule of own) {
      const item = judgeStandingRule(rule, { ...facts, changedFiles });
      if (item !== null) items.push(item);
    }
  }
  return items;
}

/** Rules of many specs as one, so that a commit is read once; ids play no part in what is collected. */
function specOf(
  semantics: Semantics,
  rules: readonly StandingRule[],
  checks: readonly SpecCheck[] = [],
): Spec {
  return {
    semantics,
    name: 'standing contracts',
    rules: rules.map(({ rule }) => rule),
    checks,
    pass: { failAt: 'low' },
    guard: true,
  };
}

async function collect(
  facts: FactsPort,
  source: BlobSource,
  spec: Spec,
  { attemptBase, candidate, signal }: GradeOrder,
): Promise<{ readonly attemptBase: CommitFacts; readonly candidate: CommitFacts }> {
  const before = await facts.collect({ source, commit: attemptBase, spec });
  signal.throwIfAborted();
  const after = await facts.collect({ source, commit: candidate, spec });
  signal.throwIfAborted();
  return { attemptBase: before, candidate: after };
}

/** What was red before is nobody's fault, also where its task demanded that it be green. */
async function judgeChecks(
  deps: GradeDeps,
  order: GradeOrder,
  standing: readonly StandingCheck[],
): Promise<JudgedItem[]> {
  const done = new Set(ownChecks(order.specText).map(commandOf));
  const checks: StandingCheck[] = [];
  for (const each of standing) {
    const command = commandOf(each.check);
    if (done.has(command)) continue;
    done.add(command);
    checks.push({ ...each, check: { ...each.check, id: each.name, compare: 'baseline' } });
  }
  if (checks.length === 0) return [];
  const spec = specOf(
    'strict',
    [],
    checks.map(({ check }) => check),
  );
  const runs = await runChecks(deps, order, spec, { unchanged: false, turned: true });
  return checks.flatMap((each, at) => {
    const item = judgeStandingCheck(each, judgeCheck(each.check, runs[at], false));
    return item === null ? [] : [item];
  });
}

function ownChecks(specText: string | null): readonly SpecCheck[] {
  const parsed = specText === null ? null : readSpec(specText);
  return parsed?.ok === true ? parsed.spec.checks : [];
}

/** What makes two checks one; a longer time does not. */
function commandOf({ run, report }: SpecCheck): string {
  return canonicalHash({ run, report: report ?? null });
}
