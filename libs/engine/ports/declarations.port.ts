import type { Declaration, PatternKind } from '#domain/patterns/rank.js';
import type { BlobSource } from './git.port.js';

export interface SourceDeclaration extends Declaration {
  readonly blob: string;
}

export interface DeclarationsPort {
  /** Everything of one kind that a commit declares, in any order. Files that cannot be read are left out. */
  declarations(request: {
    readonly source: BlobSource;
    readonly commit: string;
    readonly kind: PatternKind;
  }): Promise<readonly SourceDeclaration[]>;
}
