import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endOrphans, RUN_MARK } from './process-tree.js';

/** A process that carries the mark of a run, and its end. */
async function start(mark: string) {
  const child = spawn('sleep', ['60'], {
    env: { PATH: process.env['PATH'], [RUN_MARK]: mark },
    stdio: 'ignore',
  });
  await once(child, 'spawn');
  return { child, ended: once(child, 'exit') };
}

test('what a dead worker left behind is killed; what a living one runs is let alone', async () => {
  const worker = spawn('sleep', ['60'], { stdio: 'ignore' });
  const dead = spawn('true', { stdio: 'ignore' });
  await once(dead, 'exit');
  const orphan = await start(`${dead.pid}-1-1`);
  const running = await start(`${worker.pid}-1-1`);
  try {
    await endOrphans();
    await orphan.ended;
    expect(orphan.child.signalCode).toBe('SIGKILL');
    expect(running.child.signalCode).toBeNull();
    process.kill(running.child.pid ?? 0, 0);
  } finally {
    running.child.kill('SIGKILL');
    worker.kill('SIGKILL');
    orphan.child.kill('SIGKILL');
  }
});
