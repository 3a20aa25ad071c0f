import { StringDecoder } from 'node:string_decoder';

const EVERY_MS = 100;
/** What is shown of one moment; a process that prints more shows its end. */
const MOST_PENDING = 64 * 1_024;
const LEFT_OUT = '[some output is left out here]\n';

/**
 * Hands the output of a process on while it runs: the lines that end in one moment are one piece, and no longer than its
 * bound. Lines are whole or left out, so that a secret is never handed on in parts that nobody would know it by.
 */
export class OutputPieces {
  private readonly decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  /** Begins with the beginning of a line. */
  private pending = '';
  private isInsideOfLeftOut = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly handOn: (piece: string) => void) {}

  add(chunk: Buffer, stream: 'stdout' | 'stderr'): void {
    this.take(this.decoders[stream].write(chunk));
    if (this.pending.length > 2 * MOST_PENDING) this.cut();
    this.timer ??= setTimeout(() => this.flush(), EVERY_MS);
  }

  /** Hands on what is left; nothing comes after it. */
  end(): void {
    this.take(this.decoders.stdout.end() + this.decoders.stderr.end());
    if (this.pending !== '' && !this.pending.endsWith('\n')) this.pending += '\n';
    this.flush();
  }

  private take(text: string): void {
    const end = this.isInsideOfLeftOut ? text.indexOf('\n') : -1;
    if (this.isInsideOfLeftOut && end < 0) return;
    this.isInsideOfLeftOut = false;
    this.pending += text.slice(end + 1);
  }

  private flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.cut();
    const end = this.pending.lastIndexOf('\n') + 1;
    const piece = this.pending.slice(0, end);
    this.pending = this.pending.slice(end);
    if (piece !== '') this.handOn(piece);
  }

  private cut(): void {
    if (this.pending.length <= MOST_PENDING) return;
    const begin = this.pending.indexOf('\n', this.pending.length - MOST_PENDING);
    this.isInsideOfLeftOut = begin < 0;
    this.pending = LEFT_OUT + (begin < 0 ? '' : this.pending.slice(begin + 1));
  }
}
