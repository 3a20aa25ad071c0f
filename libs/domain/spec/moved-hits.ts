import type { CommitFacts, FileFacts } from './facts.js';
import { lensesOf, type Lens } from './lens.js';
import { hitsOf, type Hit } from './places.js';
import { scopeMatcher } from './rule-outline.js';
import type { SpecRule } from './spec.js';

/** A file that the candidate adds, changes or removes, compared with the attempt's base. */
export interface ChangedPath {
  readonly path: string;
  /** Where it was before, for a rename. */
  readonly oldPath?: string;
}

/** What a candidate changed, with the facts of either side. */
export interface Change {
  readonly attemptBase: CommitFacts;
  readonly candidate: CommitFacts;
  readonly changedFiles: readonly ChangedPath[];
}

export interface MovedHit extends Hit {
  readonly term: string;
}

/**
 * Hits of `forbid` in changed files, in or out of scope, beyond those that the same file had on the attempt's base.
 *
 * @param lenses those whose scope holds nothing any more
 */
export function newForbidHits(rule: SpecRule, lenses: readonly Lens[], change: Change): MovedHit[] {
  const inScope = scopeMatcher(rule);
  const { files: before } = change.attemptBase;
  const { files: after } = change.candidate;
  const probes = lenses.flatMap((lens) => lens.probes(rule.forbid));
  return change.changedFiles.flatMap(({ path, oldPath }) => {
    // A file renamed out of the scope brings all its hits anew; one renamed outside of it keeps its own.
    const origin = oldPath === undefined || inScope(oldPath) ? path : oldPath;
    return probes.flatMap((probe) => {
      const hits = hitsOf(listed(after.at(path)), probe);
      if (hits.length <= hitsOf(listed(before.at(origin)), probe).length) return [];
      return hits.map((hit) => ({ ...hit, term: probe.text }));
    });
  });
}

/**
 * SQL of changed files that cannot be read to its end, where a rule asks for the absence of tables, or for more where one
 * is named: there is more of it than on the attempt's base, or the file lost hits, which may stand in what was not read.
 *
 * @param lenses those of `forbid` whose scope holds nothing any more: files out of the scope count, too
 */
export function cutSql(rule: SpecRule, lenses: readonly Lens[], change: Change): Hit[] {
  const tables = lensesOf(rule).filter((lens) => lens.name === 'sql_tables');
  const probes = tables.flatMap((lens) => [...lens.probes(rule.forbid), ...lens.probes(rule.when)]);
  if (probes.length === 0) return [];
  const inScope = scopeMatcher(rule);
  const anywhere = lenses.some((lens) => lens.name === 'sql_tables');
  const { files: before } = change.attemptBase;
  const { files: after } = change.candidate;
  const hits = (file: FileFacts | undefined): number =>
    probes.reduce((sum, probe) => sum + hitsOf(listed(file), probe).length, 0);
  return change.changedFiles.flatMap(({ path, oldPath }) => {
    const [was, is] = [before.at(oldPath ?? path), after.at(path)];
    const unread = is?.unreadSql ?? [];
    if (unread.length === 0 || !(anywhere || inScope(path))) return [];
    const isCut = unread.length > (was?.unreadSql?.length ?? 0) || hits(is) < hits(was);
    return isCut ? unread.map(({ line }) => ({ file: path, line })) : [];
  });
}

export interface RenamedAway {
  /** Files with hits that became files which this build does not read: what they hold now is unknown. */
  readonly unreadable: readonly string[];
  /** Files that took their hits of `forbid` or `when` out of the rule's scope. */
  readonly outOfScope: readonly string[];
}

/** Where files of the scope went with what the rule looks for. */
export function renamedAway(rule: SpecRule, change: Change): RenamedAway {
  const inScope = scopeMatcher(rule);
  const { files: before } = change.attemptBase;
  const { files: after } = change.candidate;
  const unreadable: string[] = [];
  const outOfScope: string[] = [];
  const hitsThrough = (lens: Lens, file: FileFacts | undefined): boolean =>
    [...lens.probes(rule.forbid), ...lens.probes(rule.when)].some(
      (probe) => hitsOf(listed(file), probe).length > 0,
    );
  for (const { path, oldPath } of change.changedFiles) {
    const now = after.at(path);
    if (oldPath === undefined || now === undefined || !inScope(oldPath)) continue;
    const had = lensesOf(rule).filter((lens) => hitsThrough(lens, before.at(oldPath)));
    const stays = inScope(path);
    if (had.some((lens) => isHidden(rule, lens, now, stays))) unreadable.push(path);
    else if (!stays && had.some((lens) => hitsThrough(lens, now))) outOfScope.push(path);
  }
  return { unreadable: unreadable.sort(), outOfScope: outOfScope.sort() };
}

/** What nothing reads, be it called code or not, or, in scope, code that no ast-grep term of the rule is about. */
function isHidden(rule: SpecRule, lens: Lens, file: FileFacts, inScope: boolean): boolean {
  if (file.support !== 'supported') return true;
  return inScope && !lens.anyLanguage && !lensesOf(rule).some((each) => !each.anyLanguage && each.sees(file));
}

function listed(file: FileFacts | undefined): FileFacts[] {
  return file === undefined ? [] : [file];
}
