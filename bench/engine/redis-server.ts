import { spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { choosePort } from '#platform/home/ports.js';

const START_TIMEOUT_MS = 10_000;

/** A Redis that keeps nothing on disk: a queue may be emptied at any time. */
export async function startRedis(
  folder: string,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  await mkdir(folder, { recursive: true });
  const port = await choosePort(path.join(folder, 'port'));
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--appendonly', 'no', '--save', ''],
    { stdio: 'ignore' },
  );
  const ended = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', () => reject(new Error('The backend redis needs redis-server on the PATH.')));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const url = `redis://127.0.0.1:${port}/0`;
  try {
    await Promise.race([answers(url), ended.then(() => Promise.reject(new Error('redis-server ended.')))]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return { url, stop };
}

async function answers(url: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  try {
    const late = sleep(START_TIMEOUT_MS, null, { ref: false }).then(() => {
      throw new Error('redis-server does not answer.');
    });
    await Promise.race([client.ping(), late]);
  } finally {
    client.disconnect();
  }
}
