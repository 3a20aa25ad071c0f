const TAIL_LENGTH = 64 * 1_024;
/** A line that does not end is shown in pieces of this. */
const LONGEST_LINE = 4_096;

/** Streamed text goes to whoever watches in whole lines: a secret that comes in pieces is still known as one. */
export class Shown {
  /** The end of what was shown: the output of the attempt. */
  tail = '';
  private line = '';

  constructor(
    private readonly session: { show(text: string): void },
    private readonly redact: (text: string) => string,
  ) {}

  add(text: string): void {
    this.line += text;
    const end = this.line.length > LONGEST_LINE ? this.line.length : this.line.lastIndexOf('\n') + 1;
    if (end === 0) return;
    this.put(this.line.slice(0, end));
    this.line = this.line.slice(end);
  }

  /** Shows what has no end of line yet. */
  flush(): void {
    if (this.line !== '') this.put(`${this.line}\n`);
    this.line = '';
  }

  private put(text: string): void {
    const clean = this.redact(text);
    this.tail = (this.tail + clean).slice(-TAIL_LENGTH);
    this.session.show(clean);
  }
}
