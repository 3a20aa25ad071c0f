import { fork } from 'node:child_process';
import path from 'node:path';
import { PACKAGE_ROOT, withApi } from './api-stack.js';
import { compare, timed, type BenchRecord } from './record.js';

const TASKS = 1_000;
const WARM_UP = 20;
const ROUNDS = 100;

/** A plan of a thousand tasks, against a route of the same kind of server that has the same bytes in memory. */
export async function apiSuite(print: (record: BenchRecord) => void): Promise<void> {
  await withApi(async ({ url, createPlan }) => {
    const { id } = await createPlan(TASKS);
    const address = `${url}/api/plans/${id}`;
    const body = await read(address);
    const memory = await startMemoryServer(body);
    try {
      if ((await read(memory.url)) !== body) throw new Error('The two routes do not give the same bytes.');
      const own: number[] = [];
      const baseline: number[] = [];
      for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
        const [ours, theirs] = [await timed(() => read(address)), await timed(() => read(memory.url))];
        if (round < WARM_UP) continue;
        own.push(ours);
        baseline.push(theirs);
      }
      const name = `GET /api/plans/:id, ${TASKS} tasks, ${Math.round(body.length / 1024)} KiB`;
      const head = { suite: 'api', backend: 'postgres', baseline: 'the same bytes from memory' };
      print(compare({ ...head, case: `${name}, p95` }, 0.95, own, baseline));
      print(compare({ ...head, case: `${name}, p50` }, 0.5, own, baseline));
    } finally {
      await memory.stop();
    }
  });
}

async function read(url: string): Promise<string> {
  const response = await fetch(url);
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body}`);
  return body;
}

/** A process of its own, as the API is one. */
async function startMemoryServer(body: string): Promise<{ url: string; stop(): Promise<void> }> {
  const child = fork(path.join(PACKAGE_ROOT, 'dist/bench/memory-server.js'));
  const ended = new Promise<never>((_, reject) =>
    child.once('exit', () => reject(new Error('The server of the baseline ended.'))),
  );
  ended.catch(() => undefined);
  const ready = new Promise<string>((resolve) =>
    child.once('message', (message) => resolve((message as { url: string }).url)),
  );
  child.send({ body });
  const url = await Promise.race([ready, ended]);
  const stop = async (): Promise<void> => {
    child.disconnect();
    await ended.catch(() => undefined);
  };
  return { url, stop };
}
