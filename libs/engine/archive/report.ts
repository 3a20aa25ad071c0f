/** Something of an archive that is not as it was signed, or does not fit the rest. */
export interface Finding {
  /** A file of the archive; `archive` for the container. Of a plan that is not archived: `record` or `hub`. */
  readonly file: 'manifest.json' | 'envelope.json' | 'repo.bundle' | 'archive' | 'record' | 'hub';
  /** Bytes of the file or a JSON pointer, where it is known. */
  readonly place: string | null;
  readonly message: string;
}

/**
 * - `reproduced`: judged again, it is the same.
 * - `changed`: judged again, it is another one.
 * - `tampered`: what it was made of is not what was signed.
 * - `inconclusive`: it could not be judged again.
 */
export type Reproduction = 'reproduced' | 'changed' | 'tampered' | 'inconclusive';

export interface VerdictReport {
  /** As people name it: 12.3. */
  readonly task: string;
  readonly attempt: number;
  /** It judged the tree that was about to land. */
  readonly atIntegration: boolean;
  readonly commit: string;
  readonly outcome: string;
  readonly result: Reproduction;
  /** What differs, or why it is not known. */
  readonly details: readonly string[];
}

export interface ArchiveReport {
  readonly plan: {
    readonly number: number;
    readonly name: string;
    readonly outcome: string;
    readonly baseCommit: string;
    readonly tipCommit: string;
  } | null;
  /** Who signed; `pinned` is null when nobody said whose signature counts. */
  readonly signature: {
    readonly keyId: string;
    readonly valid: boolean;
    readonly pinned: boolean | null;
  } | null;
  readonly events: number;
  readonly findings: readonly Finding[];
  readonly verdicts: readonly VerdictReport[];
  /** For the person; none of them changes the result. */
  readonly notes: readonly string[];
  readonly result: Reproduction;
}

/** The worst of it. */
export function overall(findings: readonly Finding[], verdicts: readonly VerdictReport[]): Reproduction {
  const has = (result: Reproduction): boolean => verdicts.some((verdict) => verdict.result === result);
  if (findings.length > 0 || has('tampered')) return 'tampered';
  if (has('changed')) return 'changed';
  return has('inconclusive') ? 'inconclusive' : 'reproduced';
}
