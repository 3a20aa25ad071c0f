import type { FileFacts } from './facts.js';
import { compileFnmatch } from './fnmatch.js';
import { gathered, holding, type Folder } from './folder.js';
import { compileGlob, compileGlobs, type GlobMatcher } from './glob.js';
import type { Lens } from './lens.js';
import { TERM_KINDS, type SpecRule } from './spec.js';

type Gathered = (files: Folder<FileFacts>) => readonly FileFacts[];
type Holding = (files: Folder<FileFacts>) => boolean;

/**
 * What one rule sees of a commit before any term is asked. Of ten thousand files a handful matters to it, and a folder
 * that was looked at once is not looked at again.
 */
export interface RuleOutline {
  readonly inScope: GlobMatcher;
  /** Files of the scope that hold anything that a term could match. */
  readonly telling: Gathered;
  /** Files of the scope of which nothing is known, or not all. */
  readonly unclear: Gathered;
  /** Whether some file of the scope has what a lens looks for. */
  readonly finds: (lens: Lens) => Holding;
  /** Files of the scope that a glob names. */
  readonly named: (glob: string) => Gathered;
  /** Whether the scope holds code that was read. */
  readonly code: Holding;
  /** Whether some of it was counted as the older format does. */
  readonly counted: Holding;
}

const outlines = new WeakMap<SpecRule, RuleOutline>();

export function outlineOf(rule: SpecRule): RuleOutline {
  const known = outlines.get(rule);
  if (known !== undefined) return known;
  const inScope = compileScope(rule);
  const isCode = (file: FileFacts): boolean =>
    file.support === 'supported' && file.unread === undefined && inScope(file.path);
  const outline: RuleOutline = {
    inScope,
    telling: gathered((file) => holdsAnything(file) && inScope(file.path)),
    unclear: gathered((file) => isUnclear(file) && inScope(file.path)),
    finds: remembered(
      (lens: Lens) => lens.name,
      (lens) => holding((file) => lens.finds(file) && inScope(file.path)),
    ),
    named: remembered(
      (glob: string) => glob,
      (glob) => {
        const matches = compileGlob(glob);
        return gathered((file) => matches(file.path) && inScope(file.path));
      },
    ),
    code: holding(isCode),
    counted: holding((file) => file.sourced !== undefined && isCode(file)),
  };
  outlines.set(rule, outline);
  return outline;
}

/** Whether a path lies in a rule's scope. */
export function scopeMatcher(rule: SpecRule): GlobMatcher {
  return outlineOf(rule).inScope;
}

function isUnclear({ support, unread }: FileFacts): boolean {
  return support === 'unsupported' || unread !== undefined;
}

function holdsAnything({ facts, ast, sourced, unreadSql }: FileFacts): boolean {
  if (unreadSql !== undefined) return true;
  for (const kind of TERM_KINDS) if ((facts[kind]?.length ?? 0) > 0) return true;
  if (sourced !== undefined && sourced.length > 0) return true;
  return ast !== undefined && Object.values(ast).some((lines) => lines.length > 0);
}

function compileScope({ scope }: SpecRule): GlobMatcher {
  const compile = scope.syntax === 'fnmatch' ? compileFnmatches : compileGlobs;
  const included = scope.include.length === 0 ? () => true : compile(scope.include);
  const excluded = compile(scope.exclude);
  return (path) => !excluded(path) && included(path);
}

function compileFnmatches(patterns: readonly string[]): GlobMatcher {
  const matchers = patterns.map(compileFnmatch);
  return (path) => matchers.some((matches) => matches(path));
}

function remembered<K, V>(nameOf: (key: K) => string, make: (key: K) => V): (key: K) => V {
  const known = new Map<string, V>();
  return (key) => {
    const name = nameOf(key);
    let found = known.get(name);
    if (found === undefined) known.set(name, (found = make(key)));
    return found;
  };
}
