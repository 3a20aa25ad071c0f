/** Keeps the last bytes of a stream in bounded memory and counts all of them. */
export class OutputTail {
  private readonly chunks: Buffer[] = [];
  private kept = 0;
  private seen = 0;

  constructor(private readonly limit: number) {}

  get totalBytes(): number {
    return this.seen;
  }

  push(chunk: Buffer): void {
    this.seen += chunk.length;
    this.chunks.push(
      chunk.length > this.limit ? Buffer.from(chunk.subarray(chunk.length - this.limit)) : chunk,
    );
    this.kept += Math.min(chunk.length, this.limit);
    while (this.kept - (this.chunks[0]?.length ?? 0) >= this.limit)
      this.kept -= this.chunks.shift()?.length ?? 0;
  }

  /** All of it as text; null when something is no longer there. */
  whole(): string | null {
    return this.seen > this.limit ? null : this.toString();
  }

  /** The tail as text; a character cut at its start is left out. */
  toString(): string {
    const all = Buffer.concat(this.chunks);
    let start = Math.max(0, all.length - this.limit);
    if (this.seen > this.limit) while (start < all.length && ((all[start] ?? 0) & 0xc0) === 0x80) start += 1;
    return all.subarray(start).toString('utf8');
  }
}
