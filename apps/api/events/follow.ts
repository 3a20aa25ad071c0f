/** Where the events of a stream come from. */
export interface EventSource<C> {
  /** The cursor before every event. */
  readonly first: C;
  /** Reads the cursor that a client sends. @throws DomainError `invalid` */
  parse(text: string): C;
  /** The events above a cursor, in order, at most `limit`, each with the cursor after it. */
  read(after: C, limit: number): Promise<readonly SourceEvent<C>[]>;
  /** Calls `wake` when there may be more; `atOnce`: somebody waits for it. @returns the way to stop */
  onMore(wake: (atOnce: boolean) => void): () => void;
}

export interface SourceEvent<C> {
  readonly cursor: C;
  /** By what a client resumes after it. */
  readonly id: string;
  readonly type: string;
  readonly data: object;
}

const PAGE = 200;
/** What comes within this time is told together: a plan of short tasks has an event every millisecond. */
const TOGETHER_MS = 100;
/** Looks by itself at this pace, should a notification be lost. */
const LOOK_MS = 2_000;
/** Tells whoever waits, and what is between, that the stream lives. */
const HEARTBEAT_MS = 15_000;

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'private, no-cache, no-store, must-revalidate, no-transform',
  // Proxies that collect answers before they pass them on would keep the events back.
  'X-Accel-Buffering': 'no',
};

/**
 * All events above a cursor, then each new one as it comes, without gap or repetition, as server-sent events: what one
 * read found is one chunk, and nothing is read for a client that does not take it.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @throws DomainError `invalid` when the cursor is none of this stream
 */
export function follow<C>(source: EventSource<C>, after: string | undefined): Response {
  const following = new Following(source, after === undefined ? source.first : source.parse(after));
  const body = new ReadableStream<Uint8Array>(
    {
      // The answer begins at once, also where there is no event yet.
      start: (controller) => controller.enqueue(Buffer.from('\n')),
      pull: async (controller) => {
        const text = await following.next();
        // Whoever left takes nothing more.
        if (text !== null) controller.enqueue(Buffer.from(text));
      },
      cancel: () => following.stop(),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: HEADERS });
}

class Following<C> {
  private readonly unfollow: () => void;
  private stopped = false;
  /** There may be more than was read. */
  private more = true;
  /** When the next read may begin, and when something must be said, in ms. */
  private nextRead = 0;
  private nextSaying = performance.now() + HEARTBEAT_MS;
  private wake: (() => void) | null = null;

  constructor(
    private readonly source: EventSource<C>,
    private cursor: C,
  ) {
    this.unfollow = source.onMore((atOnce) => {
      this.more = true;
      if (atOnce) this.nextRead = 0;
      this.wake?.();
    });
  }

  /** What is to be said next, once there is something; null: it was stopped. */
  async next(): Promise<string | null> {
    while (!this.stopped) {
      const now = performance.now();
      if (this.more && now >= this.nextRead) {
        const text = await this.read(now);
        if (text !== '' && !this.stopped) return this.said(text);
      } else if (now >= this.nextSaying) return this.said(': alive\n\n');
      else await this.sleep(now);
    }
    return null;
  }

  stop(): void {
    this.stopped = true;
    this.unfollow();
    this.wake?.();
  }

  private said(text: string): string {
    this.nextSaying = performance.now() + HEARTBEAT_MS;
    return text;
  }

  private async read(now: number): Promise<string> {
    this.more = false;
    this.nextRead = now + TOGETHER_MS;
    // The database may be away: the next look finds what this one missed.
    const events = await this.source.read(this.cursor, PAGE).catch(() => []);
    this.cursor = events.at(-1)?.cursor ?? this.cursor;
    if (events.length === PAGE) {
      this.more = true;
      this.nextRead = 0;
    }
    return events.map(formatted).join('');
  }

  /** Until there may be more to read or something to say. */
  private async sleep(now: number): Promise<void> {
    const till = this.more ? this.nextRead : Math.min(now + LOOK_MS, this.nextSaying);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.more = true;
        resolve();
      }, till - now);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = null;
  }
}

/** JSON has no line ends of its own. */
function formatted({ id, type, data }: SourceEvent<unknown>): string {
  return `event: ${type}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
