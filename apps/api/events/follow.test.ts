import { DomainError } from '#domain/domain-error.js';
import { eventually } from '#testing/processes.js';
import { follow, type EventSource } from './follow.js';

/** Events by their numbers, as they are added. */
class Numbers implements EventSource<number> {
  readonly first = 0;
  readonly reads: number[] = [];
  private readonly all: number[] = [];
  private readonly wakes = new Set<(atOnce: boolean) => void>();

  constructor(count = 0) {
    this.add(count, false);
  }

  get followers(): number {
    return this.wakes.size;
  }

  add(count: number, atOnce: boolean): void {
    for (let added = 0; added < count; added += 1) this.all.push(this.all.length + 1);
    for (const wake of this.wakes) wake(atOnce);
  }

  parse(text: string): number {
    if (!/^\d+$/.test(text)) throw new DomainError('invalid', 'no number', {});
    return Number(text);
  }

  read(after: number, limit: number) {
    this.reads.push(after);
    const found = this.all.slice(after, after + limit);
    return Promise.resolve(
      found.map((seq) => ({ cursor: seq, id: String(seq), type: 'counted', data: { seq } })),
    );
  }

  onMore(wake: (atOnce: boolean) => void): () => void {
    this.wakes.add(wake);
    return () => this.wakes.delete(wake);
  }
}

/** Reads a stream chunk by chunk. */
function opened(source: Numbers, after?: string) {
  const reader = (follow(source, after).body as ReadableStream<Uint8Array>).getReader();
  const chunk = async () => Buffer.from((await reader.read()).value ?? []).toString();
  return { chunk, leave: () => reader.cancel() };
}

const idsOf = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

test('begins at once, and sends what one read found as one chunk of events', async () => {
  const { chunk, leave } = opened(new Numbers(2));
  expect(await chunk()).toBe('\n');
  expect(await chunk()).toBe(
    'event: counted\nid: 1\ndata: {"seq":1}\n\nevent: counted\nid: 2\ndata: {"seq":2}\n\n',
  );
  await leave();
});

test('goes on above the id that it is given; another one is refused before anything is followed', async () => {
  const source = new Numbers(3);
  const { chunk, leave } = opened(source, '2');
  await chunk();
  expect(idsOf(await chunk())).toEqual([3]);
  await leave();
  expect(() => follow(source, 'two')).toThrow(DomainError);
  expect(source.followers).toBe(0);
});

test('all events come once and in order, however they come', async () => {
  const source = new Numbers(450);
  const { chunk, leave } = opened(source);
  const seen: number[] = [];
  for (let added = 0; seen.length < 900;) {
    seen.push(...idsOf(await chunk()));
    if (added < 450) source.add((added += 9) && 9, added % 2 === 0);
  }
  expect(seen).toEqual(Array.from({ length: 900 }, (_, index) => index + 1));
  await leave();
});

test('events that follow each other come together, those that somebody waits for at once', async () => {
  const source = new Numbers(1);
  const { chunk, leave } = opened(source);
  await chunk();
  await chunk();
  const next = chunk();
  for (let added = 0; added < 5; added += 1) source.add(1, false);
  expect(idsOf(await next)).toEqual([2, 3, 4, 5, 6]);
  const awaited = chunk();
  source.add(1, false);
  source.add(1, true);
  expect(idsOf(await awaited)).toEqual([7, 8]);
  await leave();
});

test('nothing is read for a client that takes nothing, and nothing after it left', async () => {
  const source = new Numbers(1);
  const { chunk, leave } = opened(source);
  await chunk();
  source.add(1, true);
  expect(source.reads).toEqual([]);
  await chunk();
  const waiting = chunk();
  await leave();
  expect(await waiting).toBe('');
  await eventually('nobody follows', () => source.followers === 0);
  const { length } = source.reads;
  source.add(1, true);
  expect(source.reads).toHaveLength(length);
});
