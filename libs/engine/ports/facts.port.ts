import type { CommitFacts } from '#domain/spec/facts.js';
import type { Spec } from '#domain/spec/spec.js';
import type { BlobSource } from './git.port.js';

export interface FactsPort {
  /**
   * Everything the spec's rules can ask of one commit: of each file the facts that a term of the spec matches, and of
   * each kind at least one fact wherever a rule's scope holds any. Facts that no term matches may be left out. A term
   * that can never be evaluated is named with its reason.
   */
  collect(request: {
    readonly source: BlobSource;
    readonly commit: string;
    readonly spec: Spec;
    /** Paths that are read whatever the rules' scopes: a `forbid` must see what a candidate moved out of them. */
    readonly alsoRead?: readonly string[];
  }): Promise<CommitFacts>;
}
