import { judgeCheck, type CheckStanding, type JudgedItem } from './check-standing.js';
import type { CommitFacts } from './facts.js';
import { cutSql, newForbidHits, renamedAway, type ChangedPath } from './moved-hits.js';
import { sightRule, type RuleSight } from './rule-sight.js';
import type { Spec, SpecRule } from './spec.js';
import {
  SEVERITIES,
  type Colour,
  type ItemResult,
  type Severity,
  type Verdict,
  type Violation,
} from './verdict.js';

/** Everything that a verdict is a function of. */
export interface Evaluation {
  readonly spec: Spec;
  readonly candidate: CommitFacts;
  readonly attemptBase: CommitFacts;
  readonly planBase: CommitFacts;
  /** The spec's checks as they were judged. */
  readonly checks: readonly JudgedItem[];
  /** Of the built-in rules, protected paths among them. */
  readonly builtInViolations: readonly Violation[];
  readonly changedFiles: readonly ChangedPath[];
  /** The candidate's tree equals the attempt base's. */
  readonly candidateUnchanged: boolean;
}

/** Violations listed per rule; `ItemResult.violations` has the true number. */
export const MAX_VIOLATIONS_PER_RULE = 50;

/**
 * Judges a candidate. Equal inputs give equal verdicts, whatever the order of rules, files and facts.
 *
 * @param rules as `judgeRules` has judged the same input
 */
export function evaluate(input: Evaluation, rules = judgeRules(input)): Verdict {
  const items = [...rules, ...input.checks];
  const decision = decide(input, items);
  return {
    ...decision,
    violations: [
      ...capViolations(input.builtInViolations),
      ...items.flatMap((item) => capViolations(item.violations)),
    ],
    items: items.map((item) => item.result),
    blocking: countBlocking(input, items),
  };
}

/** Where nothing at or above `fail_at` is red, what is below it may be why nothing turned. */
function countBlocking({ spec, builtInViolations }: Evaluation, items: readonly JudgedItem[]): number {
  const red = items.map((item) => item.result).filter((item) => item.candidate === 'red');
  const counted = countedIds(spec);
  const blocking = red.filter((item) => counted(item.id));
  const weigh = (results: readonly ItemResult[]): number =>
    results.reduce((sum, item) => sum + Math.max(1, item.violations), 0);
  return builtInViolations.length + weigh(blocking.length > 0 ? blocking : red);
}

/** Judges the rules alone, so that a caller knows what turned before it runs any check on a base. */
export function judgeRules(input: Omit<Evaluation, 'checks'>): JudgedItem[] {
  return input.spec.rules.map((rule) => judgeRule(rule, input));
}

/** Judges the checks of a spec by their runs; one without runs is undecided. */
export function judgeChecks(
  spec: Spec,
  standings: readonly CheckStanding[],
  candidateUnchanged: boolean,
): JudgedItem[] {
  return spec.checks.map((check) => {
    const standing = standings.find((each) => each.id === check.id);
    return judgeCheck(check, standing, candidateUnchanged);
  });
}

/** Whether a severity is one that fails the task. */
export function blocks(severity: Severity, failAt: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failAt);
}

function judgeRule(rule: SpecRule, input: Omit<Evaluation, 'checks'>): JudgedItem {
  const { semantics } = input.spec;
  const attemptBase = sightRule(rule, input.attemptBase, 'base', semantics);
  const planBase =
    input.planBase === input.attemptBase ? attemptBase : sightRule(rule, input.planBase, 'base', semantics);
  const bases = [attemptBase, planBase];
  const seen = sightRule(rule, input.candidate, 'candidate', semantics);
  const candidate = semantics === 'auditor' ? seen : judgeMoves(rule, seen, bases, input);
  const note = candidate.notes.join('; ');
  const result: ItemResult = {
    id: rule.id,
    kind: 'rule',
    candidate: candidate.colour,
    attemptBase: attemptBase.colour,
    planBase: planBase.colour,
    turned: candidate.colour === 'green' && bases.some((base) => base.colour === 'red'),
    ...(note !== '' && { note }),
    violations: candidate.violations.length,
    ...(candidate.audit && { audit: candidate.audit }),
  };
  return { result, violations: candidate.violations };
}

/** What looks green on the candidate alone may only have been moved to where the rule does not look. */
function judgeMoves(
  rule: SpecRule,
  seen: RuleSight,
  bases: readonly RuleSight[],
  input: Omit<Evaluation, 'checks'>,
): RuleSight {
  const left = seen.emptyForbid.length === 0 ? seen : judgeEmptyForbid(rule, seen, bases, input);
  const judged = left.colour === 'green' ? judgeCut(rule, left, input) : left;
  if (judged.colour !== 'green' || bases.every((base) => base.colour !== 'red')) return judged;
  const { unreadable, outOfScope } = renamedAway(rule, input);
  if (unreadable.length > 0) {
    const note = `what it looked for was renamed into what this build does not read: ${list(unreadable)}`;
    return { ...judged, colour: 'undecided', notes: [...judged.notes, note] };
  }
  if (outOfScope.length === 0) return judged;
  return { ...judged, notes: [...judged.notes, `hits were renamed out of the scope: ${list(outOfScope)}`] };
}

/** Where the candidate changed SQL to what cannot be read to its end, the rest may be missing on purpose. */
function judgeCut(rule: SpecRule, seen: RuleSight, input: Omit<Evaluation, 'checks'>): RuleSight {
  const [cut] = cutSql(rule, seen.emptyForbid, input);
  if (cut === undefined) return seen;
  const note = `the candidate changed the SQL at ${cut.file}:${cut.line}, which cannot be read to its end`;
  return { ...seen, colour: 'undecided', notes: [...seen.notes, note] };
}

/**
 * A `forbid` that has nothing left to look at passes only if it once had hits and they were not merely moved:
 * else a wrong glob, or a `git mv` out of the scope, would be a pass.
 */
function judgeEmptyForbid(
  rule: SpecRule,
  seen: RuleSight,
  bases: readonly RuleSight[],
  input: Omit<Evaluation, 'checks'>,
): RuleSight {
  if (bases.every((base) => base.forbidHits === 0)) {
    const note =
      'the scope of its forbid holds nothing and held no hit before: check its include and exclude';
    return { ...seen, colour: seen.colour === 'red' ? 'red' : 'undecided', notes: [...seen.notes, note] };
  }
  const moved = newForbidHits(rule, seen.emptyForbid, input).map(({ file, line, term }): Violation => {
    const message = `${term} was moved here, out of the rule's scope, instead of removed`;
    return { rule: rule.id, severity: rule.severity, message, file, line, term };
  });
  if (moved.length === 0) return seen;
  return { ...seen, colour: 'red', violations: [...seen.violations, ...moved] };
}

/** Whether a red item fails the task; checks always do. */
function countedIds(spec: Spec): (id: string) => boolean {
  const severities = new Map(spec.rules.map((rule) => [rule.id, rule.severity]));
  return (id) => blocks(severities.get(id) ?? 'critical', spec.pass.failAt);
}

function decide(input: Evaluation, items: readonly JudgedItem[]): Pick<Verdict, 'outcome' | 'summary'> {
  const { spec, candidateUnchanged } = input;
  const counts = countedIds(spec);
  const results = items.map((item) => item.result);
  const red = results.filter((item) => item.candidate === 'red');
  const failing = red.filter((item) => counts(item.id)).map((item) => item.id);
  failing.unshift(...new Set(input.builtInViolations.map(({ rule }) => rule)));
  if (failing.length > 0) return { outcome: 'fail', summary: `Red on the candidate: ${list(failing)}.` };

  const open = results.filter((item) => item.candidate === 'undecided' && counts(item.id));
  if (open.length > 0) {
    const reasons = open.map((item) => `${item.id} (${item.note ?? 'no reason given'})`);
    return { outcome: 'inconclusive', summary: `Could not be decided: ${list(reasons)}.` };
  }
  const turned = results.filter((item) => item.turned).map((item) => item.id);
  if (spec.semantics === 'auditor') return decideAudit(turned, candidateUnchanged);
  if (turned.length > 0) {
    return candidateUnchanged
      ? {
          outcome: 'satisfied',
          summary: `An earlier commit did the work: ${list(turned)} turned green before.`,
        }
      : {
          outcome: 'pass',
          summary: `Turned from red to green: ${list(turned)}; nothing that counts is red.`,
        };
  }
  if (spec.guard && !candidateUnchanged) return { outcome: 'pass', summary: 'The guard stayed green.' };
  if (red.length > 0) {
    const ids = list(red.map((item) => item.id));
    return {
      outcome: 'fail',
      summary: `Nothing turned from red to green, and below fail_at is still red: ${ids}.`,
    };
  }
  return { outcome: 'inconclusive', summary: whyNothingTurned(spec, results) };
}

/** Nothing is red: that is all that the older profile format asks for. */
function decideAudit(turned: readonly string[], unchanged: boolean): Pick<Verdict, 'outcome' | 'summary'> {
  const outcome = unchanged && turned.length > 0 ? 'satisfied' : 'pass';
  const proof =
    turned.length > 0 ? `turned from red to green: ${list(turned)}` : 'nothing turned, so nothing is proven';
  return { outcome, summary: `No violation, counted as the older profile format does; ${proof}.` };
}

function whyNothingTurned(spec: Spec, results: readonly ItemResult[]): string {
  const onBase = (colour: Colour) =>
    results.filter((item) => item.attemptBase === colour || item.planBase === colour).map((item) => item.id);
  const noted = results
    .filter((item) => item.note !== undefined)
    .map((item) => `${item.id} (${item.note ?? ''})`);
  if (spec.guard) return 'The candidate changes nothing, and a guard cannot say whether the task is done.';
  if (onBase('undecided').length > 0 || noted.length > 0) {
    return `Nothing turned from red to green: ${list(noted.length > 0 ? noted : onBase('undecided'))}.`;
  }
  return 'The spec proves nothing: everything was green before the work began. Add a rule or check that is red first.';
}

/** In order of place, the first of them: `ItemResult.violations` has the true number. */
export function capViolations(violations: readonly Violation[]): Violation[] {
  return [...violations].sort(byPlace).slice(0, MAX_VIOLATIONS_PER_RULE);
}

function byPlace(a: Violation, b: Violation): number {
  const key = (v: Violation) => [v.file ?? '', String(v.line ?? 0).padStart(9, '0'), v.term ?? '', v.message];
  const [left, right] = [key(a), key(b)];
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? '';
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
