import { compiled, runScript, type ScriptProcess } from '#testing/processes.js';

/**
 * Holds 60 MB and replaces them a few times, between which the collector has its turns. Sends how large the heap of old
 * objects became, in parts of what is held, once that was replaced often enough to be known.
 */
const CHURN = `
  import { setImmediate as turn } from 'node:timers/promises';
  import { getHeapSpaceStatistics } from 'node:v8';
  import '${compiled('libs/platform/runtime/heap-growth.js')}';
  const old = () => getHeapSpaceStatistics().find((space) => space.space_name === 'old_space').space_used_size;
  const COUNT = 60_000;
  const SIZE = 128;
  const held = Array.from({ length: COUNT }, () => new Array(SIZE).fill(0));
  let most = 0;
  for (let made = 0; made < COUNT * 12; made += 1) {
    held[made % COUNT] = new Array(SIZE).fill(made);
    if (made % 250 !== 0) continue;
    if (made > COUNT * 6) most = Math.max(most, old());
    await turn();
  }
  process.send({ ratio: most / (COUNT * SIZE * 8) });
`;

let script: ScriptProcess;

afterEach(() => script.kill());

test('old garbage is collected before there is more of it than of what is used', async () => {
  script = runScript(CHURN);
  const { ratio } = (await script.message) as { ratio: number };
  expect(ratio).toBeGreaterThan(1);
  expect(ratio).toBeLessThan(2.1);
});
