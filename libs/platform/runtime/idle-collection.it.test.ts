import { compiled, runScript, type ScriptProcess } from '#testing/processes.js';

/** Holds 60 MB for so long that they are old, drops them, and rests; a message says that they are gone. */
const BURST = `
  import { setTimeout as sleep } from 'node:timers/promises';
  import { getHeapStatistics } from 'node:v8';
  import { collectWhenIdle } from '${compiled('libs/platform/runtime/idle-collection.js')}';
  const used = () => getHeapStatistics().used_heap_size / 2 ** 20;
  collectWhenIdle();
  let held = [];
  for (let made = 0; made < 60_000; made += 1) held.push(new Array(128).fill(made));
  const most = used();
  held = null;
  while (used() > most - 50) await sleep(50);
  process.send({ most });
`;

let script: ScriptProcess;

afterEach(() => script.kill());

test('what a burst of work left is collected when the process rests', async () => {
  script = runScript(BURST);
  const { most } = (await script.message) as { most: number };
  expect(most).toBeGreaterThan(60);
});
