import { v7 as uuid } from 'uuid';
import { EngineHarness } from '#testing/engine-harness.js';
import { compiled, runScript } from '#testing/processes.js';
import { keepLease } from './lease-keeper.js';

/** Works as a worker does that never rests: each lease is held while others come and go. Sends how many MB grew old. */
const BUSY = `
  import { setImmediate as turn } from 'node:timers/promises';
  import { getHeapSpaceStatistics } from 'node:v8';
  import { keepLease } from '${compiled('libs/engine/work/lease-keeper.js')}';
  import { systemClock } from '${compiled('libs/platform/runtime/system-clock.js')}';
  const old = () => getHeapSpaceStatistics().find((space) => space.space_name === 'old_space').space_used_size;
  const SLOTS = 64;
  const deps = { clock: systemClock, leaseMs: 60_000 };
  const shutdown = new AbortController();
  const take = (id) => keepLease(deps, { entity: 'attempt', id, token: 1, work: new Array(100).fill(id) }, shutdown.signal);
  const held = Array.from({ length: SLOTS }, (_, id) => take(id));
  let grown = 0;
  let last = 0;
  for (let taken = 0; taken < 60_000; taken += 1) {
    held[taken % SLOTS].stop();
    held[taken % SLOTS] = take(taken);
    if (taken % 200 !== 0) continue;
    const now = old();
    if (taken > 20_000) grown += Math.max(0, now - last);
    last = now;
    await turn();
  }
  process.send({ grown: grown / 2 ** 20 });
`;

describe('a lease that is kept', () => {
  let harness: EngineHarness;

  beforeAll(async () => (harness = await EngineHarness.open()));
  afterAll(() => harness.close());

  const keep = (signal: AbortSignal) =>
    keepLease(harness.deps, { entity: 'attempt', id: uuid(), token: 1 }, signal);

  test('ends with the signal that it is kept under, unless it was let go before', () => {
    const shutdown = new AbortController();
    const leases = [1, 2, 3, 4].map(() => keep(shutdown.signal));
    leases[1]?.stop();
    leases[0]?.stop();
    leases[0]?.stop();
    shutdown.abort();
    expect(leases.map(({ signal }) => signal.aborted)).toEqual([false, false, true, true]);
    for (const lease of leases) lease.stop();
  });

  test('has ended when the signal had aborted before', () => {
    const lease = keep(AbortSignal.abort());
    expect(lease.signal.aborted).toBe(true);
    lease.stop();
  });

  test('leaves nothing that grows old', async () => {
    const script = runScript(BUSY);
    const { grown } = (await script.message) as { grown: number };
    await script.kill();
    expect(grown).toBeLessThan(4);
  });
});
