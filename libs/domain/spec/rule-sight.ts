import type { CommitFacts, FileFacts } from './facts.js';
import { compileGlob, compileGlobs, type GlobMatcher } from './glob.js';
import { TERM_KINDS, type SpecRule, type Term, type TermKind, type TermSet } from './spec.js';
import type { Colour, Violation } from './verdict.js';

/** How one rule stands on one commit, before the commits are compared. */
export interface RuleSight {
  readonly colour: Colour;
  readonly violations: readonly Violation[];
  readonly notes: readonly string[];
  /** Hits of `forbid` terms: what a later empty scope is measured against. */
  readonly forbidHits: number;
  /** Kinds named by `forbid` whose scope holds no fact at all: nothing was looked at. */
  readonly emptyForbid: readonly TermKind[];
}

/**
 * - `candidate`: an empty scope proves nothing.
 * - `base`: an unmet `require` is red also where nothing exists yet.
 */
export type CommitRole = 'candidate' | 'base';

interface Hit {
  readonly file: string;
  readonly line: number;
}

/** What a rule can see of one kind. */
interface KindView {
  readonly kind: TermKind;
  readonly files: readonly FileFacts[];
  readonly empty: boolean;
  /** Why hits may be missing from `files`; absence then proves nothing. */
  readonly gap: string | null;
  readonly remark: string | null;
}

interface Part {
  readonly colour: Colour;
  readonly violations: readonly Violation[];
  readonly note?: string;
}

/** Places where a rule's demand holds: the whole scope, or what is near a hit of `when`. */
interface Place {
  readonly files: readonly FileFacts[];
  readonly hit?: Hit;
}

/** Judges one rule against one commit's facts. */
export function sightRule(rule: SpecRule, facts: CommitFacts, role: CommitRole): RuleSight {
  const blocked = unsupportedParts(rule, facts);
  const usable = facts.kinds
    .filter((kind) => namesKind(rule, kind))
    .map((kind) => viewKind(rule, facts, kind));
  const parts: Part[] = blocked.map((what) => undecided(`${what}: not supported by this build`));
  const conditionKnown = rule.when === undefined || conditionIsKnown(rule, facts);
  let forbidHits = 0;
  const emptyForbid: TermKind[] = [];
  if (conditionKnown) {
    const scoped = scopedFiles(rule, facts);
    const places = findPlaces(rule, usable, scoped);
    const gap = rule.when === undefined ? null : firstGap(usable);
    for (const view of usable) {
      const forbidden = rule.forbid?.terms[view.kind] ?? [];
      if (forbidden.length > 0) {
        const part = judgeForbid(rule, view, forbidden, places, gap);
        forbidHits += part.violations.length;
        if (view.empty) emptyForbid.push(view.kind);
        parts.push(part);
      }
      const required = rule.require?.terms[view.kind] ?? [];
      if (required.length > 0) parts.push(judgeRequire(rule, view, required, places, role, gap));
    }
    parts.push(...judgeFiles(rule, scoped, places));
  }
  return {
    colour: combine(parts.map((part) => part.colour)),
    violations: parts.flatMap((part) => part.violations),
    notes: unique([...parts.flatMap((p) => p.note ?? []), ...usable.flatMap((view) => view.remark ?? [])]),
    forbidHits,
    emptyForbid,
  };
}

/** Hits of a rule's `forbid` terms of some kinds in one file, by term, wherever the file lies. */
export function forbidHitsIn(rule: SpecRule, kinds: readonly TermKind[], file: FileFacts | undefined) {
  return kinds.flatMap((kind) =>
    (rule.forbid?.terms[kind] ?? []).map((term) => ({
      term: term.text,
      hits: file ? hitsOf([file], kind, term) : [],
    })),
  );
}

/** Whether a path lies in a rule's scope. */
export function scopeMatcher(rule: SpecRule): GlobMatcher {
  const included = rule.scope.include.length === 0 ? () => true : compileGlobs(rule.scope.include);
  const excluded = compileGlobs(rule.scope.exclude);
  return (path) => !excluded(path) && included(path);
}

/** Red where anything is red, else undecided where anything is, else green. */
export function combine(colours: readonly Colour[]): Colour {
  if (colours.includes('red')) return 'red';
  return colours.includes('undecided') ? 'undecided' : 'green';
}

function scopedFiles(rule: SpecRule, facts: CommitFacts): FileFacts[] {
  const inScope = scopeMatcher(rule);
  return facts.files.filter((file) => inScope(file.path));
}

function sides(rule: SpecRule): TermSet[] {
  return [rule.when, rule.require, rule.forbid].filter((side) => side !== undefined);
}

function namesKind(rule: SpecRule, kind: TermKind): boolean {
  return sides(rule).some((side) => side.terms[kind].length > 0);
}

function unsupportedParts(rule: SpecRule, facts: CommitFacts): string[] {
  const missing: string[] = TERM_KINDS.filter((kind) => namesKind(rule, kind) && !facts.kinds.includes(kind));
  if (sides(rule).some((side) => side.ast.length > 0)) missing.push('ast');
  if (rule.when !== undefined && rule.within === 'function') missing.push('within: function');
  return missing;
}

/** A condition of which any part cannot be seen leaves open where the rest must hold. */
function conditionIsKnown(rule: SpecRule, facts: CommitFacts): boolean {
  const { when } = rule;
  if (when === undefined || rule.within === 'function' || when.ast.length > 0) return false;
  return TERM_KINDS.every((kind) => when.terms[kind].length === 0 || facts.kinds.includes(kind));
}

function viewKind(rule: SpecRule, facts: CommitFacts, kind: TermKind): KindView {
  const scoped = scopedFiles(rule, facts);
  const files = scoped.filter((file) => file.facts[kind] !== undefined);
  const blind = scoped.filter((file) => file.support === 'unsupported');
  const unread = scoped.filter((file) => file.unread !== undefined);
  const blindNote =
    blind.length === 0 ? null : `${describe(blind)} of languages that this build does not read`;
  const explicit = rule.scope.include.length > 0;
  let gap: string | null = null;
  if (unread.length > 0) gap = `${describe(unread)} not read: ${unread[0]?.unread ?? ''}`;
  else if (explicit && blindNote !== null)
    gap = `the scope holds ${blindNote}; exclude them or wait for their support`;
  return {
    kind,
    files,
    empty: files.every((file) => (file.facts[kind] ?? []).length === 0),
    gap,
    // Without an include nobody asked for these files, so they do not block; they are still named.
    remark: !explicit && blindNote !== null ? `not looked at: ${blindNote}` : null,
  };
}

function describe(files: readonly FileFacts[]): string {
  const first = files.map((file) => file.path).sort()[0] ?? '';
  return files.length === 1 ? first : `${first} and ${files.length - 1} more`;
}

function firstGap(views: readonly KindView[]): string | null {
  return views.map((view) => view.gap).find((gap) => gap !== null) ?? null;
}

function findPlaces(rule: SpecRule, views: readonly KindView[], scoped: readonly FileFacts[]): Place[] {
  if (rule.when === undefined) return [{ files: scoped }];
  const hits = views
    .flatMap((view) =>
      (rule.when?.terms[view.kind] ?? []).flatMap((term) => hitsOf(view.files, view.kind, term)),
    )
    .sort(byPlace);
  const first = hits[0];
  if (first === undefined) return [];
  if (rule.within === 'scope') return [{ files: scoped, hit: first }];
  const byFile = new Map<string, Hit>();
  for (const hit of hits) if (!byFile.has(hit.file)) byFile.set(hit.file, hit);
  return scoped.flatMap((file) => {
    const hit = byFile.get(file.path);
    return hit === undefined ? [] : [{ files: [file], hit }];
  });
}

function judgeForbid(
  rule: SpecRule,
  view: KindView,
  terms: readonly Term[],
  places: readonly Place[],
  conditionGap: string | null,
): Part {
  const violations = places.flatMap((place) =>
    terms.flatMap((term) =>
      hitsOf(place.files, view.kind, term).map((hit): Violation => {
        const message =
          place.hit === undefined ? `${term.text} must not occur` : `${term.text} must not occur here`;
        return { rule: rule.id, severity: rule.severity, message, ...hit, term: term.text };
      }),
    ),
  );
  if (violations.length > 0) return { colour: 'red', violations };
  const gap = view.gap ?? conditionGap;
  return gap === null ? green() : undecided(gap);
}

function judgeRequire(
  rule: SpecRule,
  view: KindView,
  terms: readonly Term[],
  places: readonly Place[],
  role: CommitRole,
  conditionGap: string | null,
): Part {
  const violations = places.flatMap((place) => terms.flatMap((term) => unmet(rule, view.kind, term, place)));
  const nearFile = rule.when !== undefined && rule.within === 'file';
  // Next to a hit in a file that was read, absence is certain; anywhere else an unread file may hold the term.
  if (violations.length > 0 && (nearFile || view.gap === null)) {
    const nothingThere = view.empty && role === 'candidate' && rule.when === undefined;
    return nothingThere ? undecided(emptyNote(view.kind)) : { colour: 'red', violations };
  }
  if (violations.length > 0) return undecided(view.gap ?? '');
  const metForAll = rule.within === 'scope' && places.length > 0;
  if (conditionGap !== null && !metForAll) return undecided(conditionGap);
  if (rule.when !== undefined && view.empty && role === 'candidate') return undecided(emptyNote(view.kind));
  return green();
}

function unmet(rule: SpecRule, kind: TermKind, term: Term, place: Place): Violation[] {
  const min = rule.require?.min ?? 1;
  const found = hitsOf(place.files, kind, term).length;
  if (found >= min) return [];
  const times = min === 1 ? '' : ` at least ${min} times (found ${found})`;
  const where = place.hit === undefined ? '' : ` where the rule's condition holds`;
  const message = `${term.text} must occur${times}${where}`;
  return [{ rule: rule.id, severity: rule.severity, message, ...place.hit, term: term.text }];
}

/** A path is decidable whatever the scope holds: a missing file is simply missing. */
function judgeFiles(rule: SpecRule, scoped: readonly FileFacts[], places: readonly Place[]): Part[] {
  const parts: Part[] = [];
  if (places.length === 0) return parts;
  const base = { rule: rule.id, severity: rule.severity };
  const min = rule.require?.min ?? 1;
  for (const glob of rule.require?.files ?? []) {
    const matches = compileGlob(glob);
    const found = scoped.filter((file) => matches(file.path)).length;
    const times = min === 1 ? '' : ` at least ${min} times (found ${found})`;
    const violation: Violation = { ...base, message: `a file ${glob} must exist${times}`, term: glob };
    parts.push(found >= min ? green() : { colour: 'red', violations: [violation] });
  }
  for (const glob of rule.forbid?.files ?? []) {
    const matches = compileGlob(glob);
    const violations = scoped
      .filter((file) => matches(file.path))
      .map((file): Violation => ({
        ...base,
        message: 'this file must not exist',
        file: file.path,
        term: glob,
      }));
    parts.push(violations.length === 0 ? green() : { colour: 'red', violations });
  }
  return parts;
}

/** One hit per file and line, however many values on it match the term. */
function hitsOf(files: readonly FileFacts[], kind: TermKind, term: Term): Hit[] {
  return files.flatMap((file) => {
    const lines = new Set<number>();
    for (const fact of file.facts[kind] ?? []) if (term.matches(fact.value)) lines.add(fact.line);
    return [...lines].map((line) => ({ file: file.path, line }));
  });
}

function byPlace(a: Hit, b: Hit): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line;
}

function emptyNote(kind: TermKind): string {
  return `the scope holds no file with ${kind}: check the rule's include and exclude`;
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
