import type { Show } from './tool.js';

/** As much of one command is shown to whoever watches while it runs; of a longer output the end is shown after it. */
const LIVE_LENGTH = 32_000;
const LIVE_END = 2_000;

/** What of one command is shown while it runs: whole lines, up to a bound. */
export class LiveCommand {
  private left = LIVE_LENGTH;
  private isCut = false;

  constructor(private readonly show: Show) {}

  add(lines: string): void {
    if (this.isCut) return;
    const end = lines.length <= this.left ? lines.length : lines.lastIndexOf('\n', this.left - 1) + 1;
    this.show(lines.slice(0, end));
    this.left -= end;
    this.isCut = end < lines.length;
    if (this.isCut) this.show('[the end of it is shown when it is there]\n');
  }

  /** What is shown of its end, when there was more than what was shown while it ran. */
  after(how: string, output: string): string {
    if (!this.isCut) return how;
    const lines = output.slice(-LIVE_END);
    return `${lines.slice(lines.indexOf('\n') + 1).trimEnd()}\n${how}`;
  }
}
