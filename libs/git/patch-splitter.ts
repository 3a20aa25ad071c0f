const HEADER = Buffer.from('diff --git ');
const NEWLINE = 10;

interface Section {
  readonly pieces: Buffer[];
  size: number;
}

/**
 * Splits the output of `git diff-tree -p` into the sections of its files while it arrives. Lines of content
 * begin with a blank, `+`, `-` or `\`, so that only a header can begin with `diff --git `. Of a section larger
 * than the limit only the size is kept, and of all sections together no more than the total.
 */
export class PatchSplitter {
  private readonly sections: Section[] = [];
  private rest: Buffer = Buffer.alloc(0);
  private atLineStart = true;
  private kept = 0;

  constructor(
    private readonly limit: number,
    private readonly total: number,
  ) {}

  /** Takes the next piece of output. */
  write(piece: Buffer): void {
    let data = this.rest.length === 0 ? piece : Buffer.concat([this.rest, piece]);
    this.rest = Buffer.alloc(0);
    while (data.length > 0) {
      if (this.atLineStart) {
        // Too short to tell a header from a line.
        if (data.length < HEADER.length && HEADER.subarray(0, data.length).equals(data)) {
          this.rest = data;
          return;
        }
        if (data.subarray(0, HEADER.length).equals(HEADER)) this.sections.push({ pieces: [], size: 0 });
      }
      const end = data.indexOf(NEWLINE);
      const line = end < 0 ? data : data.subarray(0, end + 1);
      this.append(line);
      this.atLineStart = end >= 0;
      data = data.subarray(line.length);
    }
  }

  /** The text of each section, null where it was not kept. */
  end(): (string | null)[] {
    if (this.rest.length > 0) this.append(this.rest);
    return this.sections.map(({ pieces, size }) =>
      size > 0 && pieces.length === 0 ? null : Buffer.concat(pieces).toString('utf8'),
    );
  }

  private append(line: Buffer): void {
    const section = this.sections.at(-1);
    if (section === undefined) return;
    const isWhole = section.size === 0 || section.pieces.length > 0;
    section.size += line.length;
    if (!isWhole) return;
    if (section.size <= this.limit && this.kept + line.length <= this.total) {
      section.pieces.push(line);
      this.kept += line.length;
    } else {
      this.kept -= section.size - line.length;
      section.pieces.length = 0;
    }
  }
}
