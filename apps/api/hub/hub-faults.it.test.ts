import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { TEST_PATH } from '#testing/git-repositories.js';
import { eventually } from '#testing/processes.js';
import { commitFile, packetLine, ServedHub, type Ran } from '#testing/served-hub.js';

const LIMIT_MB = 40;

let hub: ServedHub;
let worker: GitPort;

beforeAll(async () => {
  hub = await ServedHub.start({ PLANWRIGHT_HUB_LIMIT_MB: String(LIMIT_MB), PLANWRIGHT_HUB_CONCURRENCY: '3' });
  worker = await hub.worker();
});

afterAll(async () => {
  await worker.close();
  await hub.api.stop();
});

describe('what goes wrong', () => {
  it('a pack beyond the limit is refused by name, and nothing of it stays', async () => {
    const path = await hub.clone();
    const commit = await commitFile(path, 'huge.bin', randomBytes((LIMIT_MB + 1) * 2 ** 20 - 1_000));
    const ref = 'refs/planwright/candidates/too-big-1';
    const ran = await hub.git(path, hub.api.workerToken, 'push', hub.url, `${commit}:${ref}`);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain('exceeds maximum allowed size');
    expect(await hub.refs()).not.toContain(ref);
    expect(await hub.quarantines()).toEqual([]);
  });

  it('a body that says it is beyond the limit is not read', async () => {
    const length = String((LIMIT_MB + 2) * 2 ** 20);
    const path = `${hub.path}/git-receive-pack`;
    const answer = await new Promise<number>((resolve, reject) => {
      const sent = hub.open('POST', path, { ...hub.bearer(), 'content-length': length });
      sent.on('response', ({ statusCode = 0 }) => {
        resolve(statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.flushHeaders();
    });
    expect(answer).toBe(413);
  });

  it('a client that vanishes in the middle of a push leaves no process, no object and no ref', async () => {
    const path = await hub.clone();
    const commit = await commitFile(path, 'slow.bin', randomBytes(20 * 2 ** 20));
    const ref = 'refs/planwright/candidates/slow-1';
    const pack = await new Promise<Buffer>((resolve, reject) => {
      const packer = spawn('git', ['pack-objects', '--stdout', '--revs', '-q'], {
        cwd: path,
        env: { PATH: TEST_PATH },
      });
      const pieces: Buffer[] = [];
      packer.stdout.on('data', (piece: Buffer) => pieces.push(piece));
      packer.once('error', reject);
      packer.once('close', () => resolve(Buffer.concat(pieces)));
      packer.stdin.end(`${commit}\n^${hub.base}\n`);
    });
    const command = packetLine(`${'0'.repeat(40)} ${commit} ${ref}\0 report-status side-band-64k atomic`);
    const body = Buffer.concat([Buffer.from(`${command}0000`), pack]);
    const type = 'application/x-git-receive-pack-request';
    const sent = hub.open('POST', `${hub.path}/git-receive-pack`, {
      ...hub.bearer(),
      'content-type': type,
      'content-length': String(body.length),
    });
    sent.on('error', () => undefined);
    sent.write(body.subarray(0, body.length / 2));
    await eventually('the hub receives the pack', async () => (await hub.quarantines()).length > 0);
    expect((await hub.backends()).length).toBeGreaterThan(0);
    sent.destroy();
    await eventually('the processes end', async () => (await hub.backends()).length === 0);
    expect(await hub.quarantines()).toEqual([]);
    expect(await hub.refs()).not.toContain(ref);
    expect((await hub.raw('GET', hub.refsPath(), hub.bearer())).status).toBe(200);
  });

  it('clients that vanish before they have said anything, or while they wait, give their places back', async () => {
    const path = `${hub.path}/git-receive-pack`;
    const idle = Array.from({ length: 6 }, () => {
      const headers = { ...hub.bearer(), 'content-type': 'application/x-git-receive-pack-request' };
      const sent = hub.open('POST', path, headers);
      sent.on('error', () => undefined);
      sent.write('00');
      return sent;
    });
    await eventually('all places are taken', async () => (await hub.backends()).length >= 3);
    for (const sent of idle) sent.destroy();
    expect((await hub.raw('GET', hub.refsPath(), hub.bearer())).status).toBe(200);
    await eventually('the processes end', async () => (await hub.backends()).length === 0);
  });

  it('a lock that a killed push left is removed once it is old', async () => {
    const ref = 'refs/planwright/candidates/locked-1';
    const lock = join(hub.folder, `${ref}.lock`);
    await mkdir(dirname(lock), { recursive: true });
    await writeFile(lock, '');
    const old = new Date(Date.now() - 120_000);
    await utimes(lock, old, old);
    await worker.pushNew({
      repositoryId: hub.repositoryId,
      commit: await hub.candidate(worker, hub.base, 'locked'),
      ref,
    });
    expect(await hub.refs()).toContain(ref);
  });

  it('a worker whose token is wrong, or that no hub answers, says so and does not start', async () => {
    const planwright = (env: Record<string, string>): Promise<Ran> =>
      new Promise((resolve) => {
        const cli = join(process.cwd(), 'dist/apps/cli/main.js');
        execFile(
          process.execPath,
          [cli, 'worker', 'executor'],
          { env: { PATH: TEST_PATH, ...env } },
          (error, stdout, stderr) =>
            resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
        );
      });
    const env = {
      DATABASE_URL: hub.api.database.url,
      GIT_HUB_URL: `${hub.api.url}/hub`,
      PLANWRIGHT_HOME: await hub.api.folder.next('w'),
    };
    const none = await planwright(env);
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('PLANWRIGHT_WORKER_TOKEN') as string,
    });
    const wrong = await planwright({ ...env, PLANWRIGHT_WORKER_TOKEN: 'x'.repeat(43) });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('refuses the token') as string });
    const token = { PLANWRIGHT_WORKER_TOKEN: hub.api.workerToken };
    const nobody = await planwright({ ...env, ...token, GIT_HUB_URL: 'http://127.0.0.1:1/hub' });
    expect(nobody).toMatchObject({ code: 4, stderr: expect.stringContaining('No hub answers') as string });
    const shared = await planwright({ ...env, ...token, PLANWRIGHT_HOME: hub.api.home });
    expect(shared).toMatchObject({ code: 2, stderr: expect.stringContaining('data folder') as string });
  });
});
