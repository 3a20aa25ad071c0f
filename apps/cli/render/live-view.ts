import type { WriteStream } from 'node:tty';
import type { PlanEventView } from '#contracts/api/plans.js';

/** Shows a tree that changes in place on a terminal; elsewhere, one line per event. */
export class LiveView {
  private shown = 0;
  private paused = false;

  constructor(private readonly out: WriteStream | NodeJS.WriteStream) {}

  get live(): boolean {
    return this.out.isTTY === true;
  }

  /** Draws what it is given over what was drawn before. Lines that do not fit the height are cut from above. */
  draw(render: () => readonly string[]): void {
    if (!this.live || this.paused) return;
    const lines = render();
    const room = Math.max(4, (this.out.rows ?? 40) - 1);
    const visible = lines.length > room ? lines.slice(lines.length - room) : lines;
    const width = this.out.columns ?? 120;
    const text = visible.map((line) => `\x1b[2K${cut(line, width)}\n`).join('');
    this.out.write(`${this.shown > 0 ? `\x1b[${this.shown}A` : ''}\x1b[0J${text}`);
    this.shown = visible.length;
  }

  event(event: PlanEventView): void {
    if (this.live) return;
    // Events that came together are written together.
    if (this.out.writableCorked === 0) {
      this.out.cork();
      process.nextTick(() => this.out.uncork());
    }
    this.out.write(`${describe(event)}\n`);
  }

  /** Leaves what is drawn and keeps still while a question is asked below it. */
  pause(): void {
    this.paused = true;
  }

  /** Starts a new drawing below. */
  resume(): void {
    this.paused = false;
    this.shown = 0;
  }

  print(line: string): void {
    this.out.write(`${line}\n`);
    this.shown = 0;
  }
}

function describe({ type, payload }: PlanEventView): string {
  const task = payload['task'] === undefined ? '' : ` task ${String(payload['task'])}`;
  const attempt = payload['attempt'] === undefined ? '' : ` attempt ${String(payload['attempt'])}`;
  const told = ['name', 'title', 'outcome', 'summary', 'failure', 'message', 'reason', 'commit']
    .map((key) => payload[key])
    .filter((value) => typeof value === 'string' && value !== '')
    .map((value) => String(value).split('\n', 1)[0]);
  const violations =
    (payload['violations'] as { rule: string; file?: string; line?: number }[] | undefined) ?? [];
  const places = violations.map(
    ({ rule, file, line }) => `${rule}${file === undefined ? '' : ` ${file}:${line ?? 1}`}`,
  );
  return `${type}${task}${attempt}${told.length === 0 ? '' : `: ${told.join(', ')}`}${places.length === 0 ? '' : ` [${places.join('; ')}]`}`;
}

/** Cuts to the visible width; colour codes take no room. */
function cut(line: string, width: number): string {
  let room = width;
  let result = '';
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    if (part.startsWith('\x1b[')) {
      result += part;
      continue;
    }
    const characters = [...part].slice(0, room);
    room -= characters.length;
    result += characters.join('');
  }
  return result;
}
