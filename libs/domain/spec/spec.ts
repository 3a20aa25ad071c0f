import type { ReportPlace } from './check-report.js';
import type { Severity } from './verdict.js';

/** Fact kinds that a rule can name by terms. `files` and `ast` are asked differently and stand apart. */
export const TERM_KINDS = ['identifiers', 'expressions', 'sql_tables', 'api_routes'] as const;
export type TermKind = (typeof TERM_KINDS)[number];

/** One term of a rule, compiled by the parser: the domain has no regular expression engine of its own. */
export interface Term {
  /** As the spec writes it; also its identity. */
  readonly text: string;
  /** Whether a fact's value is a hit. Linear in the value's length, whatever the term. */
  readonly matches: (value: string) => boolean;
}

/** An ast-grep pattern or rule. */
export interface AstTerm {
  readonly language: string;
  readonly pattern?: string;
  readonly rule?: Readonly<Record<string, unknown>>;
}

/** Identity of an ast-grep term, equal for equal terms. */
export function astKey(term: AstTerm): string {
  return JSON.stringify([term.language, term.pattern ?? null, term.rule ?? null]);
}

/** What one side of a rule (`when`, `require`, `forbid`) names. Every list may be empty, but not all of them. */
export interface TermSet {
  readonly terms: Readonly<Record<TermKind, readonly Term[]>>;
  readonly ast: readonly AstTerm[];
  /** Globs. */
  readonly files: readonly string[];
}

export interface Requirement extends TermSet {
  /** How often each term must occur in each place where it is required. */
  readonly min: number;
}

/** Repository-relative globs; an empty `include` means every file. */
export interface SpecScope {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** How the older profile format reads globs: `*` crosses `/`. Absent: as `compileGlob` does. */
  readonly syntax?: 'fnmatch';
}

export const WITHIN = ['file', 'function', 'scope'] as const;
export type Within = (typeof WITHIN)[number];

/** A rule has `require`, `forbid` or both. */
export interface SpecRule {
  readonly id: string;
  readonly description: string;
  readonly severity: Severity;
  readonly scope: SpecScope;
  /** The rest holds only where this occurs. */
  readonly when?: TermSet;
  readonly require?: Requirement;
  readonly forbid?: TermSet;
  /** How near to a hit of `when` the rest must hold. */
  readonly within: Within;
}

export interface SpecCheck {
  readonly id: string;
  /** Run by the shell at the root of a clean checkout. */
  readonly run: string;
  readonly timeoutMs: number;
  /** `baseline` counts new failures only; `absolute` demands exit 0. */
  readonly compare: 'baseline' | 'absolute';
  /** Where it reports its single tests; absent: on its standard output, if that is a report by its looks. */
  readonly report?: ReportPlace;
  /** False: once its task is done, it binds nobody. */
  readonly standing?: false;
}

/**
 * - `strict`: our own; red before, green after, nothing passes by emptiness.
 * - `auditor`: what existing refactor profiles do, to the letter.
 */
export const SEMANTICS = ['strict', 'auditor'] as const;
export type Semantics = (typeof SEMANTICS)[number];

/** A parsed spec. Its authority is the text it was parsed from, pinned by hash. */
export interface Spec {
  readonly semantics: Semantics;
  readonly name: string;
  readonly rules: readonly SpecRule[];
  readonly checks: readonly SpecCheck[];
  readonly pass: { readonly failAt: Severity };
  /** Needs no turn, only has to stay green. */
  readonly guard: boolean;
}

/** Of a task that has none: nothing to prove. */
export const NO_SPEC: Spec = {
  semantics: 'strict',
  name: '',
  rules: [],
  checks: [],
  pass: { failAt: 'low' },
  guard: true,
};

/** Id under which changes of protected paths are reported. */
export const PROTECTED_PATH_RULE = 'protected-path';

/** Id under which changes are reported that a task's profile may not make. */
export const SCOPE_RULE = 'profile-scope';

/** Ids of the rules that hold for every candidate; no rule or check of a spec may take one. */
export const BUILT_IN_RULES = [
  PROTECTED_PATH_RULE,
  'symlink-escape',
  'nested-repository',
  'huge-file',
  'conflict-marker',
  'suppression',
  SCOPE_RULE,
] as const;
export type BuiltInRule = (typeof BUILT_IN_RULES)[number];
