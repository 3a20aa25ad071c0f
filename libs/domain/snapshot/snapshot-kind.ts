/** Why a commit of the hub was worth naming. */
export const SNAPSHOT_KINDS = ['before', 'candidate', 'failed', 'landed', 'checkpoint', 'final'] as const;
export type SnapshotKind = (typeof SNAPSHOT_KINDS)[number];
