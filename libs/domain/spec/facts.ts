import type { Folder } from './folder.js';
import type { TermKind } from './spec.js';

/** One thing found in a file; unique in its file by value and line. */
export interface Fact {
  readonly value: string;
  /** 1-based. */
  readonly line: number;
}

/**
 * - `supported`: an extractor reads this language.
 * - `unsupported`: source code that no extractor of this build reads; it can hide hits.
 * - `not_source`: documents, data, images: no facts are expected there.
 */
export type LanguageSupport = 'supported' | 'unsupported' | 'not_source';

/** Where a language's grammar says that a value stands; what the older profile format counts by. */
export const FACT_SOURCES = [
  'symbol',
  'variable',
  'assignment',
  'callee',
  'assigned_text',
  'argument',
  'sql_text',
  'sql_table',
  'route',
] as const;
export type FactSource = (typeof FACT_SOURCES)[number];

export interface SourcedFact extends Fact {
  readonly source: FactSource;
}

/** A function, method or lambda; both lines 1-based and included. */
export interface FunctionRange {
  readonly name: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** SQL that could not be read to its end. */
export interface UnreadSql {
  /** On which it begins. */
  readonly line: number;
  /** Names in it that a term for tables matches: each may be a table. */
  readonly names: readonly string[];
}

export interface FileFacts {
  /** Repository-relative POSIX path. */
  readonly path: string;
  readonly support: LanguageSupport;
  /** By kind; a kind is absent where nothing asked for it or the language has none of it. */
  readonly facts: Readonly<Partial<Record<TermKind, readonly Fact[]>>>;
  /** Present where a rule asks what lies in one function. */
  readonly functions?: readonly FunctionRange[];
  /** Lines on which each ast-grep term begins to match, by `astKey`; present where the file's language is the term's. */
  readonly ast?: Readonly<Record<string, readonly number[]>>;
  /** Present where the spec is judged as the older profile format does. */
  readonly sourced?: readonly SourcedFact[];
  /** Where tables may be named that are in no fact; absent where there is no such place. */
  readonly unreadSql?: readonly UnreadSql[];
  /** Why a file of a supported language could not be read; absent when it could. */
  readonly unread?: string;
}

/** Everything the rules of one spec can ask of one commit. */
export interface CommitFacts {
  readonly commit: string;
  /** Kinds that this build can extract; a rule that names another one cannot be decided. */
  readonly kinds: readonly TermKind[];
  /** Languages of ast-grep terms that this build can parse, as ast-grep names them. */
  readonly astLanguages: readonly string[];
  /** Why an ast-grep term can never be evaluated, by `astKey`; absent: all of them can. */
  readonly astProblems?: Readonly<Record<string, string>>;
  /** Every file of the commit, whether or not a rule reaches it; folders that are the same object hold the same. */
  readonly files: Folder<FileFacts>;
}
