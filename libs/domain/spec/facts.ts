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

export interface FileFacts {
  /** Repository-relative POSIX path. */
  readonly path: string;
  readonly support: LanguageSupport;
  /** By kind; a kind is absent where nothing asked for it or the language has none of it. */
  readonly facts: Readonly<Partial<Record<TermKind, readonly Fact[]>>>;
  /** Why a file of a supported language could not be read; absent when it could. */
  readonly unread?: string;
}

/** Everything the rules of one spec can ask of one commit. */
export interface CommitFacts {
  readonly commit: string;
  /** Kinds that this build can extract; a rule that names another one cannot be decided. */
  readonly kinds: readonly TermKind[];
  /** Every file of the commit, whether or not a rule reaches it. */
  readonly files: readonly FileFacts[];
}
