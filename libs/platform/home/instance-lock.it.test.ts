import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compiled, runScript } from '#testing/processes.js';
import { createHome, type Home } from './home.js';
import { acquireInstanceLock, claimGeneration, currentOwner } from './instance-lock.js';
import { identify } from './process-identity.js';

let home: Home;

beforeEach(async () => {
  home = await createHome(path.join(await mkdtemp(path.join(tmpdir(), 'lock test ')), 'home'));
});

afterEach(() => rm(path.dirname(home.root), { recursive: true, force: true }));

async function acquire() {
  const attempt = await acquireInstanceLock(home);
  if (!attempt.acquired) throw new Error(`The lock is held by ${attempt.owner.pid}`);
  return attempt.lock;
}

/** A process that takes the lock and stays. */
async function otherOwner() {
  const other = runScript(`
    import { homeAt } from '${compiled('libs/platform/home/home.js')}';
    import { acquireInstanceLock } from '${compiled('libs/platform/home/instance-lock.js')}';
    const attempt = await acquireInstanceLock(homeAt(${JSON.stringify(home.root)}));
    process.send({ acquired: attempt.acquired });
    setInterval(() => undefined, 1000);
  `);
  expect(await other.message).toEqual({ acquired: true });
  return other;
}

test('a second start learns who runs the home and where', async () => {
  const lock = await acquire();
  expect(await acquireInstanceLock(home)).toMatchObject({ acquired: false, owner: { pid: process.pid } });
  await lock.announce('http://127.0.0.1:7420');
  expect(await acquireInstanceLock(home)).toMatchObject({ owner: { url: 'http://127.0.0.1:7420' } });
  expect(await currentOwner(home)).toMatchObject({ pid: process.pid });
});

test('a released lock is free, and its folder does not grow', async () => {
  for (let i = 0; i < 5; i += 1) {
    const lock = await acquire();
    await lock.release();
    expect(await currentOwner(home)).toBeUndefined();
  }
  expect(await readdir(home.run.lockDir)).toEqual(['5.json']);
});

test('a live owner keeps the lock; one that was killed loses it', async () => {
  const other = await otherOwner();
  try {
    expect(await acquireInstanceLock(home)).toMatchObject({ acquired: false, owner: { pid: other.pid } });
  } finally {
    await other.kill();
  }
  await acquire();
});

test("an owner's number that another process has now is not the owner", async () => {
  await writeFile(
    path.join(home.run.lockDir, '3.json'),
    JSON.stringify({ pid: process.pid, started: 'another boot:1' }),
  );
  await acquire();
  expect(await readdir(home.run.lockDir)).toEqual(['4.json']);
});

test('of many starts at the same moment, over a stale lock, exactly one wins', async () => {
  const other = await otherOwner();
  await other.kill();
  for (let round = 0; round < 10; round += 1) {
    const attempts = await Promise.all(Array.from({ length: 12 }, () => acquireInstanceLock(home)));
    const winners = attempts.flatMap((attempt) => (attempt.acquired ? [attempt.lock] : []));
    expect(winners).toHaveLength(1);
    await winners[0]?.release();
  }
});

test('a starter that was delayed between looking and taking gives way to whoever came meanwhile', async () => {
  const seen = 1;
  for (let i = 0; i < 3; i += 1) await (await acquire()).release();
  await acquire();
  expect(await claimGeneration(home, seen + 1, identify(process.pid))).toBe(false);
  expect(await readdir(home.run.lockDir)).toEqual(['4.json']);
  expect(await currentOwner(home)).toMatchObject({ pid: process.pid });
});
