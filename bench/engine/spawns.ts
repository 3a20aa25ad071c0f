import { spawn } from 'node:child_process';
import { timed } from '../record.js';

/** What a shell needs for so many `true`: the seconds that bare processes take, so many of them at once. */
export async function spawnTrue(count: number, atOnce: number): Promise<number> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await runTrue();
    }
  };
  const ms = await timed(() => Promise.all(Array.from({ length: atOnce }, lane)));
  return ms / 1000;
}

function runTrue(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('true', [], { stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`true ended with ${code}`))));
  });
}
