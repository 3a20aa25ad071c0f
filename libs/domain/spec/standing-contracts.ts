import type { JudgedItem } from './check-standing.js';
import { capViolations } from './evaluate.js';
import { lensesOf, sidesOf } from './lens.js';
import { hitsOf, type Hit } from './places.js';
import type { Change, ChangedPath } from './moved-hits.js';
import { outlineOf, scopeMatcher } from './rule-outline.js';
import { sightRule } from './rule-sight.js';
import type { Semantics, SpecCheck, SpecRule } from './spec.js';
import type { Verdict, Violation } from './verdict.js';

/** What precedes the name of a contract where a verdict speaks of it; no rule or check has it in its id. */
export const CONTRACT_PREFIX = 'contract:';

/** What a finished task of the plan proved, and nobody ended. */
interface Standing {
  /** Number of the task and id of the rule or check: `2.users-route`. */
  readonly name: string;
  readonly task: number;
  /** Of that task. */
  readonly title: string;
}

export interface StandingRule extends Standing {
  readonly rule: SpecRule;
  readonly semantics: Semantics;
}

export interface StandingCheck extends Standing {
  readonly check: SpecCheck;
}

/**
 * The rules that can see something of a change, in whatever role. Where a route is mounted may be said in any file, so
 * that a rule about routes sees every change.
 */
export function touchedRules(
  rules: readonly StandingRule[],
  changed: readonly ChangedPath[],
): StandingRule[] {
  const paths = changed.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [path, oldPath]));
  return rules.filter(({ rule }) => {
    if (paths.length > 0 && sidesOf(rule).some(({ terms }) => terms.api_routes.length > 0)) return true;
    const inScope = scopeMatcher(rule);
    return paths.some(inScope);
  });
}

/**
 * Judges one standing rule. It is broken where it was green on the attempt's base and is red on the candidate; an unmet
 * `require` is red also where its scope has become empty, since it was met there before.
 *
 * @returns null where it is green: there is nothing to say. Without violations it blames nobody.
 */
export function judgeStandingRule(standing: StandingRule, change: Change): JudgedItem | null {
  const { rule, semantics } = standing;
  const after = sightRule(rule, change.candidate, 'standing', semantics);
  if (after.colour === 'green') return null;
  const before = sightRule(rule, change.attemptBase, 'standing', semantics);
  const isBroken = before.colour === 'green' && after.colour === 'red';
  const violations = isBroken ? after.violations.map((each) => placed(rule, each, change)) : [];
  return itemOf(standing, {
    result: {
      id: rule.id,
      kind: 'rule',
      candidate: after.colour,
      attemptBase: before.colour,
      turned: false,
      violations: violations.length,
      ...(after.notes.length > 0 && { note: after.notes.join('; ') }),
    },
    violations,
  });
}

/**
 * The same for a standing check that was judged by its runs against the attempt's base.
 *
 * @returns null where it is green
 */
export function judgeStandingCheck(standing: StandingCheck, judged: JudgedItem): JudgedItem | null {
  return judged.result.candidate === 'green' ? null : itemOf(standing, judged);
}

/** Under the contract's name, with whose it is. */
function itemOf(standing: Standing, { result, violations }: JudgedItem): JudgedItem {
  const id = `${CONTRACT_PREFIX}${standing.name}`;
  const whose = `task ${standing.task} "${standing.title}" proved it`;
  const isOld = result.candidate === 'red' && violations.length === 0;
  const note = [isOld ? 'it was not green before, so nobody is to blame' : '', result.note ?? '', whose];
  return {
    result: { ...result, id, turned: false, note: note.filter((part) => part !== '').join('; ') },
    violations: violations.map((each) => ({ ...each, rule: id, message: `${each.message}; ${whose}` })),
  };
}

/** What is gone has no place on the candidate: it is named where it stood, in a file that was changed if there is one. */
function placed(rule: SpecRule, violation: Violation, change: Change): Violation {
  if (violation.file !== undefined || violation.term === undefined) return violation;
  const lost = lostHits(rule, violation.term, change);
  const paths = new Map(change.changedFiles.map(({ path, oldPath }) => [oldPath ?? path, path]));
  const hit = lost.find(({ file }) => paths.has(file)) ?? lost[0];
  if (hit === undefined) return violation;
  const { file, line } = hit;
  const message = `${violation.message}, and stood here until this change`;
  return { ...violation, message, file: paths.get(file) ?? file, ...(line > 0 && { line }) };
}

function lostHits(rule: SpecRule, term: string, { attemptBase }: Change): Hit[] {
  const { telling, named } = outlineOf(rule);
  const probes = lensesOf(rule).flatMap((lens) => lens.probes(rule.require));
  const wanted = probes.filter(({ text }) => text === term);
  const hits = wanted.flatMap((probe) => hitsOf(telling(attemptBase.files), probe));
  if (!(rule.require?.files ?? []).includes(term)) return hits;
  return [...hits, ...named(term)(attemptBase.files).map(({ path }) => ({ file: path, line: 0 }))];
}

/** A verdict together with what is to be said of standing contracts: a broken one fails it, whatever else it says. */
export function withContracts(verdict: Verdict, items: readonly JudgedItem[]): Verdict {
  if (items.length === 0) return verdict;
  const all = [...verdict.items, ...items.map(({ result }) => result)];
  const broken = items.filter(({ violations }) => violations.length > 0);
  if (broken.length === 0) return { ...verdict, items: all };
  const names = broken.map(({ result }) => result.id.slice(CONTRACT_PREFIX.length));
  const shown =
    names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
  const breach = `Breaks what earlier tasks proved: ${shown}.`;
  const failed = verdict.outcome === 'fail';
  const count = broken.reduce((sum, { result }) => sum + result.violations, 0);
  return {
    outcome: 'fail',
    summary: failed ? `${verdict.summary} ${breach}` : breach,
    items: all,
    violations: [...verdict.violations, ...broken.flatMap(({ violations }) => capViolations(violations))],
    blocking: (failed ? verdict.blocking : 0) + count,
  };
}

/** What a verdict says of standing contracts, as they were judged: an input of whoever judges again. */
export function recordedContracts({ items, violations }: Verdict): JudgedItem[] {
  return items
    .filter(({ id }) => id.startsWith(CONTRACT_PREFIX))
    .map((result) => ({ result, violations: violations.filter(({ rule }) => rule === result.id) }));
}

/** Whether a verdict failed for a broken contract. */
export function breaksContract({ violations }: Verdict): boolean {
  return violations.some(({ rule }) => rule.startsWith(CONTRACT_PREFIX));
}
