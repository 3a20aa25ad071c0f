import { auditRule } from './audit.js';
import type { CommitFacts, FileFacts } from './facts.js';
import { lensesOf, type Lens, type Probe } from './lens.js';
import { byPath } from './path-order.js';
import { findPlaces, hitsOf, type Hit, type Place } from './places.js';
import { outlineOf } from './rule-outline.js';
import type { Semantics, SpecRule } from './spec.js';
import type { Colour, RuleAudit, Violation } from './verdict.js';

/** How one rule stands on one commit, before the commits are compared. */
export interface RuleSight {
  readonly colour: Colour;
  readonly violations: readonly Violation[];
  readonly notes: readonly string[];
  /** Hits of `forbid` terms: what a later empty scope is measured against. */
  readonly forbidHits: number;
  /** Lenses of `forbid` whose scope holds nothing at all: nothing was looked at. */
  readonly emptyForbid: readonly Lens[];
  /** Under auditor semantics. */
  readonly audit?: RuleAudit;
}

/**
 * - `candidate`: an empty scope proves nothing.
 * - `base`: an unmet `require` is red also where nothing exists yet.
 * - `standing`: as a base, and what can no longer be read is gone: it was read where it was proven.
 */
export type CommitRole = 'candidate' | 'base' | 'standing';

/** What a rule can see through one lens. */
interface View {
  readonly lens: Lens;
  readonly empty: boolean;
  /** Why hits may be missing; absence then proves nothing. */
  readonly gap: string | null;
  readonly remark: string | null;
}

interface Part {
  readonly colour: Colour;
  readonly violations: readonly Violation[];
  readonly note?: string;
}

/** What a part of a rule is judged by, beside its own terms. */
interface Circumstances {
  readonly rule: SpecRule;
  readonly role: CommitRole;
  readonly places: readonly Place[];
  /** Why some place where the rule holds may be unknown. */
  readonly placesGap: string | null;
}

/** Judges one rule against one commit's facts. */
export function sightRule(
  rule: SpecRule,
  facts: CommitFacts,
  role: CommitRole,
  semantics: Semantics = 'strict',
): RuleSight {
  return semantics === 'auditor' ? sightAudited(rule, facts) : sightStrict(rule, facts, role);
}

/** The older format knows no open question, but what this build cannot count at all is one. */
function sightAudited(rule: SpecRule, facts: CommitFacts): RuleSight {
  const outline = outlineOf(rule);
  const { violations, audit } = auditRule(rule, outline.telling(facts.files));
  const uncounted = outline.code(facts.files) && !outline.counted(facts.files);
  const skipped = outline.unclear(facts.files);
  const notes = [
    ...(uncounted ? ['compat: auditor: not supported by this build'] : []),
    ...(skipped.length > 0 ? [`not looked at: ${describe(skipped)}`] : []),
  ];
  const clean = uncounted ? 'undecided' : 'green';
  return {
    colour: violations.length > 0 ? 'red' : clean,
    violations,
    notes,
    forbidHits: violations.length,
    emptyForbid: [],
    audit,
  };
}

function sightStrict(rule: SpecRule, facts: CommitFacts, role: CommitRole): RuleSight {
  const lenses = lensesOf(rule);
  const usable = lenses.filter((lens) => lens.blocked(facts) === null);
  const blocked = lenses.filter((lens) => lens.blocked(facts) !== null);
  const outline = outlineOf(rule);
  const telling = outline.telling(facts.files);
  const unclear = outline.unclear(facts.files);
  const views = usable.map((lens) => viewThrough(lens, rule, !outline.finds(lens)(facts.files), unclear));
  const parts: Part[] = blocked.map((lens) => undecided(lens.blocked(facts) ?? ''));
  let forbidHits = 0;
  const emptyForbid: Lens[] = [];
  // A condition of which any part cannot be seen leaves open where the rest must hold.
  if (blocked.every((lens) => lens.probes(rule.when).length === 0)) {
    const { places, gap } = findPlaces(rule, usable, telling);
    const placesGap = rule.when === undefined ? null : (gap ?? firstGap(views));
    const circumstances = { rule, role, places, placesGap };
    for (const view of views) {
      const forbidden = view.lens.probes(rule.forbid);
      if (forbidden.length > 0) {
        const part = judgeForbid(circumstances, view, forbidden);
        forbidHits += part.violations.length;
        if (view.empty) emptyForbid.push(view.lens);
        parts.push(part);
      }
      const required = view.lens.probes(rule.require);
      if (required.length > 0) parts.push(judgeRequire(circumstances, view, required));
    }
    parts.push(...judgeFiles(rule, facts, places));
  }
  return {
    colour: combine(parts.map((part) => part.colour)),
    violations: parts.flatMap((part) => part.violations),
    notes: unique([...parts.flatMap((p) => p.note ?? []), ...views.flatMap((view) => view.remark ?? [])]),
    forbidHits,
    emptyForbid,
  };
}

/** Red where anything is red, else undecided where anything is, else green. */
export function combine(colours: readonly Colour[]): Colour {
  if (colours.includes('red')) return 'red';
  return colours.includes('undecided') ? 'undecided' : 'green';
}

function viewThrough(lens: Lens, rule: SpecRule, empty: boolean, unclear: readonly FileFacts[]): View {
  const blind = lens.anyLanguage ? unclear.filter((file) => file.support === 'unsupported') : [];
  const unread = unclear.filter((file) => file.unread !== undefined).sort(byPath);
  const blindNote =
    blind.length === 0 ? null : `${describe(blind)} of languages that this build does not read`;
  const explicit = rule.scope.include.length > 0;
  let gap: string | null = null;
  if (unread.length > 0) gap = `${describe(unread)} not read: ${unread[0]?.unread ?? ''}`;
  else if (explicit && blindNote !== null)
    gap = `the scope holds ${blindNote}; exclude them or wait for their support`;
  return {
    lens,
    empty,
    gap,
    // Without an include nobody asked for these files, so they do not block; they are still named.
    remark: !explicit && blindNote !== null ? `not looked at: ${blindNote}` : null,
  };
}

function describe(files: readonly FileFacts[]): string {
  const first = files.map((file) => file.path).sort()[0] ?? '';
  return files.length === 1 ? first : `${first} and ${files.length - 1} more`;
}

function firstGap(views: readonly View[]): string | null {
  return views.map((view) => view.gap).find((gap) => gap !== null) ?? null;
}

function judgeForbid({ rule, places, placesGap }: Circumstances, view: View, probes: readonly Probe[]): Part {
  const violations = places.flatMap((place) =>
    probes.flatMap((probe) =>
      hitsOf(place.files, probe, place.covers).map((hit): Violation => {
        const message =
          place.hit === undefined ? `${probe.text} must not occur` : `${probe.text} must not occur here`;
        return { rule: rule.id, severity: rule.severity, message, ...hit, term: probe.text };
      }),
    ),
  );
  if (violations.length > 0) return { colour: 'red', violations: uniqueHits(violations) };
  const hidden = places.flatMap((place) => probes.flatMap((probe) => hiddenIn(place, probe)));
  const gap = view.gap ?? placesGap ?? hiddenNote(hidden);
  return gap === null ? green() : undecided(gap);
}

function judgeRequire(circumstances: Circumstances, view: View, probes: readonly Probe[]): Part {
  const { rule, role, places, placesGap } = circumstances;
  const near = rule.when !== undefined && rule.within !== 'scope';
  // A term of one language asks nothing of a place in another one.
  const asked =
    near && !view.lens.anyLanguage
      ? places.filter((place) => place.files.some((file) => view.lens.sees(file)))
      : places;
  const hidden: Hidden[] = [];
  const violations = asked.flatMap((place) =>
    probes.flatMap((probe) => {
      const missing = unmet(rule, probe, place);
      const maybe = missing.length === 0 || role === 'standing' ? [] : hiddenIn(place, probe);
      hidden.push(...maybe);
      return maybe.length > 0 ? [] : missing;
    }),
  );
  // Next to a hit in a file that was read, absence is certain; anywhere else an unread file may hold the term.
  if (violations.length > 0 && (near || view.gap === null)) {
    const nothingThere = view.empty && role === 'candidate' && rule.when === undefined;
    return nothingThere ? undecided(emptyNote(view.lens)) : { colour: 'red', violations };
  }
  if (violations.length > 0) return undecided(view.gap ?? '');
  if (hidden.length > 0) return undecided(hiddenNote(hidden) ?? '');
  const metForAll = rule.within === 'scope' && asked.length > 0;
  if (placesGap !== null && !metForAll) return undecided(placesGap);
  if (rule.when !== undefined && view.empty && role === 'candidate') return undecided(emptyNote(view.lens));
  return green();
}

interface Hidden extends Hit {
  readonly term: string;
}

/** Where a term may occur in what could not be read to its end. */
function hiddenIn({ files, covers }: Place, probe: Probe): Hidden[] {
  return files.flatMap((file) =>
    probe
      .hidden(file)
      .filter((line) => covers?.(line) ?? true)
      .map((line) => ({ file: file.path, line, term: probe.text })),
  );
}

function hiddenNote(hidden: readonly Hidden[]): string | null {
  const [first] = [...hidden].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
  if (first === undefined) return null;
  return `the SQL at ${first.file}:${first.line} cannot be read to its end, and may name ${first.term}`;
}

function unmet(rule: SpecRule, probe: Probe, place: Place): Violation[] {
  const min = rule.require?.min ?? 1;
  const found = hitsOf(place.files, probe, place.covers).length;
  if (found >= min) return [];
  const times = min === 1 ? '' : ` at least ${min} times (found ${found})`;
  const where = place.hit === undefined ? '' : ` where the rule's condition holds`;
  const message = `${probe.text} must occur${times}${where}`;
  return [{ rule: rule.id, severity: rule.severity, message, ...place.hit, term: probe.text }];
}

/** A path is decidable whatever the scope holds: a missing file is simply missing. */
function judgeFiles(rule: SpecRule, facts: CommitFacts, places: readonly Place[]): Part[] {
  const parts: Part[] = [];
  const globs = (rule.require?.files.length ?? 0) + (rule.forbid?.files.length ?? 0);
  if (places.length === 0 || globs === 0) return parts;
  const outline = outlineOf(rule);
  const named = (glob: string): readonly FileFacts[] => outline.named(glob)(facts.files);
  const base = { rule: rule.id, severity: rule.severity };
  const min = rule.require?.min ?? 1;
  for (const glob of rule.require?.files ?? []) {
    const found = named(glob).length;
    const times = min === 1 ? '' : ` at least ${min} times (found ${found})`;
    const violation: Violation = { ...base, message: `a file ${glob} must exist${times}`, term: glob };
    parts.push(found >= min ? green() : { colour: 'red', violations: [violation] });
  }
  for (const glob of rule.forbid?.files ?? []) {
    const violations = named(glob).map((file): Violation => ({
      ...base,
      message: 'this file must not exist',
      file: file.path,
      term: glob,
    }));
    parts.push(violations.length === 0 ? green() : { colour: 'red', violations });
  }
  return parts;
}

/** Functions lie in each other: what is in an inner one may have been found for the outer one, too. */
function uniqueHits(violations: readonly Violation[]): Violation[] {
  return [
    ...new Map(violations.map((each) => [JSON.stringify([each.file, each.line, each.term]), each])).values(),
  ];
}

function emptyNote(lens: Lens): string {
  return `the scope holds no file with ${lens.name}: check the rule's include and exclude`;
}

function green(): Part {
  return { colour: 'green', violations: [] };
}

function undecided(note: string): Part {
  return { colour: 'undecided', violations: [], note };
}

function unique(notes: readonly string[]): string[] {
  return [...new Set(notes)];
}
