import { createHash, type Hash } from 'node:crypto';

export interface Digest {
  readonly sha256: string;
  readonly size: number;
  readonly pieces: Pieces;
}

export interface Pieces {
  /** Bytes of each but the last. */
  readonly size: number;
  readonly sha256: readonly string[];
}

/** Bytes of a piece: small where a person looks for a place, large where the file may be. */
export const PIECE_BYTES = { 'manifest.json': 1_024, 'repo.bundle': 64 * 1_024 } as const;

/** Digests a file that comes bit by bit, whole and in pieces. */
export class PieceDigest {
  private readonly whole = createHash('sha256');
  private readonly done: string[] = [];
  private current: Hash = createHash('sha256');
  private room: number;
  private total = 0;

  constructor(private readonly pieceBytes: number) {
    this.room = pieceBytes;
  }

  update(data: Buffer): this {
    this.whole.update(data);
    this.total += data.length;
    for (let at = 0; at < data.length;) {
      const part = data.subarray(at, at + this.room);
      this.current.update(part);
      at += part.length;
      this.room -= part.length;
      if (this.room === 0) this.endPiece();
    }
    return this;
  }

  /** Nothing is added afterwards. */
  end(): Digest {
    if (this.room < this.pieceBytes) this.endPiece();
    const pieces = { size: this.pieceBytes, sha256: this.done };
    return { sha256: this.whole.digest('hex'), size: this.total, pieces };
  }

  private endPiece(): void {
    this.done.push(this.current.digest('hex'));
    this.current = createHash('sha256');
    this.room = this.pieceBytes;
  }
}

/** The digests of a whole text or file in memory. */
export function digestOf(data: Buffer, pieceBytes: number): Digest {
  return new PieceDigest(pieceBytes).update(data).end();
}

/** Ranges of bytes (end excluded) in which a file differs from what was signed; neighbours are one range. */
export function changedRanges(signed: Pieces, found: Digest): { from: number; to: number }[] {
  const ranges: { from: number; to: number }[] = [];
  const count = Math.max(signed.sha256.length, found.pieces.sha256.length);
  for (let index = 0; index < count; index += 1) {
    if (signed.sha256[index] === found.pieces.sha256[index]) continue;
    const from = index * signed.size;
    const to = from + signed.size;
    const last = ranges.at(-1);
    if (last?.to === from) last.to = to;
    else ranges.push({ from, to });
  }
  return ranges.map(({ from, to }) => ({ from, to: Math.max(from, Math.min(to, found.size)) }));
}
