import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, utimes, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { GitPort } from '#engine/ports/git.port.js';
import { createGit } from '#git/git-adapter.js';
import { ApiProcess } from '#testing/api-process.js';
import { commitAll, createOrigin, git, TEST_PATH, writeFiles } from '#testing/git-repositories.js';
import { message } from '#testing/git-test-kit.js';
import { eventually } from '#testing/processes.js';

const PLAN = 'plan-1';
const BRANCH = 'planwright/12-demo';
const LIMIT_MB = 40;

let api: ApiProcess;
let repositoryId: string;
let base: string;
let url: string;
let hub: string;
let worker: GitPort;

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

beforeAll(async () => {
  api = await ApiProcess.start({
    PLANWRIGHT_HUB_LIMIT_MB: String(LIMIT_MB),
    PLANWRIGHT_HUB_CONCURRENCY: '3',
  });
  const repository = await createOrigin(await api.folder.next('origin'), { 'a.txt': 'a\n', 'b.txt': 'b\n' });
  const tasks = [{ title: 'A', executor: { command: 'true' } }];
  const plan = { name: 'Demo', phases: [{ name: 'One', mode: 'manual', tasks }] };
  const created = await api.post('/api/plans', { repository, plan });
  repositoryId = (created.body['repository'] as { id: string }).id;
  base = String(created.body['baseCommit']);
  url = `${api.url}/hub/${repositoryId}.git`;
  hub = join(api.home, 'hubs', `${repositoryId}.git`);
  worker = await workerGit();
});

afterAll(async () => {
  await worker.close();
  await api.stop();
});

async function workerGit(token = api.workerToken): Promise<GitPort> {
  const home = await api.folder.next('worker');
  return createGit({ home, hubBase: `${api.url}/hub`, hubToken: token, path: TEST_PATH });
}

/** Git as a person or another program would run it. */
function clientGit(cwd: string, token: string | null, ...args: readonly string[]): Promise<Ran> {
  const env = {
    PATH: TEST_PATH,
    HOME: '/nonexistent',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_COUNT: token === null ? '0' : '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Bearer ${token}`,
  };
  return new Promise((resolve) => {
    execFile('git', [...args], { cwd, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function clone(token = api.workerToken): Promise<string> {
  const path = await api.folder.next('clone');
  await mkdir(path);
  await git(path, 'init', '--quiet');
  const fetched = await clientGit(path, token, 'fetch', '--quiet', url, base);
  if (fetched.code !== 0) throw new Error(fetched.stderr);
  await git(path, 'checkout', '--quiet', '-b', 'work', base);
  return path;
}

async function commitIn(path: string, name: string, content: string | Buffer = name): Promise<string> {
  await writeFiles(path, { [name]: content });
  return commitAll(path, name);
}

async function refsOfHub(): Promise<string[]> {
  return (await git(hub, 'for-each-ref', '--format=%(refname)')).split('\n');
}

async function candidate(port: GitPort, from: string, name: string): Promise<string> {
  const workspace = await port.openWorkspace({ repositoryId, commit: from, pool: 'executor' });
  try {
    await writeFile(join(workspace.path, name), name);
    return (await workspace.commit(message(name))).commit;
  } finally {
    await workspace.release();
  }
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends the path as it is: `fetch` would tidy it up. */
function raw(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<Answer> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ hostname, port, method, path, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces).toString('latin1'),
        }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const bearer = (token = api.workerToken): Record<string, string> => ({ authorization: `Bearer ${token}` });
const refsPath = (service = 'git-upload-pack'): string =>
  `/hub/${repositoryId}.git/info/refs?service=${service}`;
const packetLine = (text: string): string => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;

/** Processes that work in the hub now. */
async function backends(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return environment.includes(`GIT_PROJECT_ROOT=${join(api.home, 'hubs')}\0`) || cwd === hub ? [pid] : [];
    }),
  );
  return found.flat();
}

async function quarantines(): Promise<string[]> {
  return (await readdir(join(hub, 'objects'))).filter((name) => /tmp|incoming/.test(name));
}

describe('a worker of another host', () => {
  it('reads, pushes candidates and moves the lane by the address alone', async () => {
    const first = await candidate(worker, base, 'first');
    const ref = 'refs/planwright/candidates/first-1';
    await worker.pushNew({ repositoryId, commit: first, ref });
    await worker.pushNew({ repositoryId, commit: first, ref });
    expect(await refsOfHub()).toContain(ref);
    const lane = { repositoryId, planId: PLAN, branch: BRANCH };
    expect(await worker.readLane(lane)).toEqual({ tip: null, fence: null });
    const push = { ...lane, expectedTip: null, newTip: first, expectedFence: null, fenceValue: 'a' };
    expect(await worker.pushPlanBranch(push)).toEqual({ kind: 'pushed' });
    const other = await workerGit();
    const { tip, fence } = await other.readLane(lane);
    expect(tip).toBe(first);
    expect(await other.isAncestor({ repositoryId, ancestor: base, of: first })).toBe(true);
    expect((await other.diff({ repositoryId, from: base, to: first })).map(({ path }) => path)).toEqual([
      'first',
    ]);
    expect((await other.moveFence({ repositoryId, planId: PLAN, expected: fence, value: 'b' })).moved).toBe(
      true,
    );
    await other.close();
  });

  it('is refused a ref that exists with something else', async () => {
    const [one, two] = [await candidate(worker, base, 'one'), await candidate(worker, base, 'two')];
    const ref = 'refs/planwright/candidates/taken-1';
    await worker.pushNew({ repositoryId, commit: one, ref });
    await expect(worker.pushNew({ repositoryId, commit: two, ref })).rejects.toThrow('exists already');
    expect(await git(hub, 'rev-parse', ref)).toBe(one);
  });

  it('moves branch and fence together or not at all, and one of two racing pushes wins', async () => {
    const rival = await workerGit();
    const lane = { repositoryId, planId: 'plan-race', branch: 'planwright/13-race' };
    for (let round = 0; round < 4; round += 1) {
      const { tip, fence } = await worker.readLane(lane);
      const from = tip ?? base;
      const tips = [
        await candidate(worker, from, `mine-${round}`),
        await candidate(rival, from, `theirs-${round}`),
      ];
      const results = await Promise.all(
        [worker, rival].map((port, index) =>
          port.pushPlanBranch({
            ...lane,
            expectedTip: tip,
            newTip: tips[index] ?? '',
            expectedFence: fence,
            fenceValue: `${round}-${index}`,
          }),
        ),
      );
      expect(results.map(({ kind }) => kind).sort()).toEqual(['pushed', 'refused']);
      const winner = results.findIndex(({ kind }) => kind === 'pushed');
      const after = await worker.readLane(lane);
      expect(after.tip).toBe(tips[winner]);
      expect(await git(hub, 'cat-file', 'blob', after.fence ?? '')).toContain(
        `${round}-${winner} ${after.tip}`,
      );
    }
    const { tip, fence } = await worker.readLane(lane);
    const stale = { ...lane, expectedTip: tip, newTip: await candidate(worker, tip ?? '', 'stale') };
    const moved = await worker.moveFence({
      repositoryId,
      planId: lane.planId,
      expected: fence,
      value: 'moved',
    });
    const refused = await worker.pushPlanBranch({ ...stale, expectedFence: fence, fenceValue: 'late' });
    expect(refused).toMatchObject({ kind: 'refused', reason: expect.stringContaining('fence') as string });
    expect(await worker.readLane(lane)).toEqual({ tip, fence: moved.fence });
    await rival.close();
  });

  it('fetches only what it lacks', async () => {
    const path = await clone();
    const big = await commitIn(path, 'big.bin', randomBytes(3_000_000));
    const ref = 'refs/planwright/candidates/big-1';
    expect((await clientGit(path, api.workerToken, 'push', '--quiet', url, `${big}:${ref}`)).code).toBe(0);
    const home = await api.folder.next('worker');
    const port = createGit({ home, hubBase: `${api.url}/hub`, hubToken: api.workerToken, path: TEST_PATH });
    await port.isAncestor({ repositoryId, ancestor: base, of: big });
    const small = await commitIn(path, 'small.txt');
    await clientGit(
      path,
      api.workerToken,
      'push',
      '--quiet',
      url,
      `${small}:refs/planwright/candidates/small-1`,
    );
    const count = async (): Promise<string> => {
      const mirror = join(home, 'mirrors', `${repositoryId}.git`);
      return /size: (\d+)/.exec(await git(mirror, 'count-objects', '-v'))?.[1] ?? '';
    };
    const before = Number(await count());
    await port.isAncestor({ repositoryId, ancestor: big, of: small });
    expect(Number(await count()) - before).toBeLessThan(100);
    await port.close();
  });

  it('pushes a candidate of 30 MB', async () => {
    const path = await clone();
    const content = randomBytes(30 * 2 ** 20);
    const commit = await commitIn(path, 'huge.bin', content);
    const ref = 'refs/planwright/candidates/huge-1';
    const pushed = await clientGit(path, api.workerToken, 'push', '--quiet', url, `${commit}:${ref}`);
    expect(pushed).toMatchObject({ code: 0 });
    const size = await git(hub, 'cat-file', '-s', `${ref}:huge.bin`);
    expect(Number(size)).toBe(content.length);
    const fetched = await workerGit();
    const [blob] = (await fetched.blobs(repositoryId).tree(commit)).filter(
      ({ path: name }) => name === 'huge.bin',
    );
    expect(blob?.size).toBe(content.length);
    await fetched.close();
  });

  it('keeps its token out of addresses, arguments and files', async () => {
    const home = await api.folder.next('worker');
    const port = createGit({ home, hubBase: `${api.url}/hub`, hubToken: api.workerToken, path: TEST_PATH });
    await port.pushNew({
      repositoryId,
      commit: await candidate(port, base, 'quiet'),
      ref: 'refs/planwright/candidates/quiet-1',
    });
    await port.close();
    const secrets = [api.workerToken, Buffer.from(`worker:${api.workerToken}`).toString('base64')];
    const files = (await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) =>
      entry.isFile(),
    );
    for (const { parentPath, name } of files) {
      const text = await readFile(join(parentPath, name), 'latin1');
      for (const secret of secrets) expect(text.includes(secret)).toBe(false);
    }
    const wrong = await workerGit('x'.repeat(43));
    const error: Error = await wrong.readLane({ repositoryId, planId: PLAN, branch: BRANCH }).then(
      () => new Error('it was let in'),
      (reason: Error) => reason,
    );
    expect(error.message).toMatch(/Authentication failed|could not read Username|401/);
    expect(error.message).not.toContain('xxxx');
    await wrong.close();
  });
});

describe('who is let in', () => {
  it.each([
    ['nothing', {}],
    ['a wrong token', { authorization: `Bearer ${'x'.repeat(43)}` }],
    ['a wrong password', { authorization: `Basic ${Buffer.from('worker:x').toString('base64')}` }],
    ['another scheme', { authorization: 'Digest x' }],
  ])('not who shows %s', async (_what, headers: Record<string, string>) => {
    for (const [method, path] of [
      ['GET', refsPath()],
      ['GET', refsPath('git-receive-pack')],
      ['POST', `/hub/${repositoryId}.git/git-receive-pack`],
      ['GET', '/hub/'],
      ['GET', '/%68ub/x'],
    ] as const) {
      const answer = await raw(method, path, headers);
      expect(answer).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="Planwright hub"' },
      });
      expect(answer.body).not.toContain(api.workerToken);
    }
  });

  it('whoever shows a token, by Bearer or Basic', async () => {
    const basic = (name: string, token: string) => ({
      authorization: `Basic ${Buffer.from(`${name}:${token}`).toString('base64')}`,
    });
    for (const headers of [
      bearer(),
      bearer(api.token),
      basic('worker', api.workerToken),
      basic('ada', api.token),
    ]) {
      expect((await raw('GET', refsPath(), headers)).status).toBe(200);
    }
    expect((await raw('GET', refsPath(), basic('ada', api.workerToken))).status).toBe(401);
  });

  it('a worker no further than to the hubs', async () => {
    const headers = bearer();
    expect((await raw('POST', '/api/plans/1/execute', headers)).status).toBe(401);
    expect((await raw('GET', '/jobs', headers)).status).toBe(401);
    expect((await raw('POST', '/hub/../api/plans/1/execute', headers)).status).not.toBe(202);
    expect((await api.get('/api/plans/1')).body['status']).toBe('ready');
  });

  it('no page, and no other Host, with whatever token', async () => {
    expect((await raw('GET', refsPath(), { ...bearer(), origin: 'http://evil.example' })).status).toBe(403);
    expect((await raw('GET', refsPath(), { ...bearer(), host: 'evil.example' })).status).toBe(403);
  });
});

describe('what is served', () => {
  it.each([
    [
      'another repository',
      () => '/hub/00000000-0000-4000-8000-000000000000.git/info/refs?service=git-upload-pack',
    ],
    ['no id', () => '/hub/demo.git/info/refs?service=git-upload-pack'],
    ['a way out', () => `/hub/../${repositoryId}.git/info/refs?service=git-upload-pack`],
    [
      'an encoded way out',
      () => `/hub/%2e%2e%2fhubs%2f${repositoryId}.git/info/refs?service=git-upload-pack`,
    ],
    ['a way out behind the id', () => `/hub/${repositoryId}.git/../../token`],
    ['an absolute path', () => `/hub//etc/passwd`],
    ['a file', () => `/hub/${repositoryId}.git/HEAD`],
    ['an object', () => `/hub/${repositoryId}.git/objects/info/packs`],
    ['the list of the older protocol', () => `/hub/${repositoryId}.git/info/refs`],
    ['another service', () => `/hub/${repositoryId}.git/info/refs?service=git-upload-archive`],
    ['two services', () => `${refsPath()}&service=git-receive-pack`],
  ])('not %s', async (_what, path) => {
    const answer = await raw('GET', path(), bearer());
    expect(answer.status).toBe(404);
    expect(answer.body).not.toMatch(/root:|[0-9a-f]{40}/);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])('nothing by %s', async (method) => {
    expect((await raw(method, refsPath(), bearer())).status).toBe(404);
    expect((await raw(method, `/hub/${repositoryId}.git/git-receive-pack`, bearer())).status).toBe(404);
  });

  it('protocol 2, and bodies that are gzipped', async () => {
    const headers = { ...bearer(), 'git-protocol': 'version=2' };
    expect((await raw('GET', refsPath(), headers)).body).toContain('version 2');
    const body = gzipSync(Buffer.from(`${packetLine('command=ls-refs\n')}0001${packetLine('peel\n')}0000`));
    const answer = await raw(
      'POST',
      `/hub/${repositoryId}.git/git-upload-pack`,
      { ...headers, 'content-type': 'application/x-git-upload-pack-request', 'content-encoding': 'gzip' },
      body,
    );
    expect(answer).toMatchObject({
      status: 200,
      body: expect.stringContaining(`refs/planwright/base/${base}`) as string,
    });
  });

  it('more requests at once than there are places', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => raw('GET', refsPath(), bearer())));
    expect(all.map(({ status }) => status)).toEqual(Array<number>(20).fill(200));
  });
});

describe('which refs may be pushed', () => {
  it.each([
    ['refs/heads/main', 'worker'],
    ['refs/heads/planwrightish', 'worker'],
    ['refs/tags/v1', 'worker'],
    ['refs/heads/planwright/99-demo', 'user'],
    ['refs/planwright/fence/plan-1', 'user'],
    ['refs/planwright/candidates/user-1', 'user'],
    ['refs/planwright/submissionsish', 'user'],
  ] as const)('not %s by a %s', async (ref, client) => {
    const path = await clone();
    const commit = await commitIn(path, 'mine.txt');
    const token = client === 'worker' ? api.workerToken : api.token;
    const before = await refsOfHub();
    const ran = await clientGit(path, token, 'push', url, `+${commit}:${ref}`);
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('hidden ref') as string });
    expect(await refsOfHub()).toEqual(before);
  });

  it("a person's work, where it is handed in", async () => {
    const path = await clone(api.token);
    const commit = await commitIn(path, 'submitted.txt');
    const ref = 'refs/planwright/submissions/1';
    expect((await clientGit(path, api.token, 'push', url, `${commit}:${ref}`)).code).toBe(0);
    expect(await git(hub, 'rev-parse', ref)).toBe(commit);
  });

  it('no plan branch is deleted', async () => {
    const ref = `refs/heads/${BRANCH}`;
    const ran = await clientGit(await clone(), api.workerToken, 'push', url, `:${ref}`);
    expect(ran.code).toBe(1);
    expect(await refsOfHub()).toContain(ref);
  });

  it('no hook runs, wherever it was planted', async () => {
    const hook = join(hub, 'hooks/update');
    await mkdir(join(hub, 'hooks'), { recursive: true });
    await writeFile(hook, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const path = await clone();
    const commit = await commitIn(path, 'hooked.txt');
    const ref = 'refs/planwright/candidates/hooked-1';
    expect((await clientGit(path, api.workerToken, 'push', url, `${commit}:${ref}`)).code).toBe(0);
  });
});

describe('what goes wrong', () => {
  it('a pack beyond the limit is refused by name, and nothing of it stays', async () => {
    const path = await clone();
    const commit = await commitIn(path, 'huge.bin', randomBytes((LIMIT_MB + 1) * 2 ** 20 - 1_000));
    const ref = 'refs/planwright/candidates/too-big-1';
    const ran = await clientGit(path, api.workerToken, 'push', url, `${commit}:${ref}`);
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain('exceeds maximum allowed size');
    expect(await refsOfHub()).not.toContain(ref);
    expect(await quarantines()).toEqual([]);
  });

  it('a body that says it is beyond the limit is not read', async () => {
    const length = String((LIMIT_MB + 2) * 2 ** 20);
    const path = `/hub/${repositoryId}.git/git-receive-pack`;
    const answer = await new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(api.url);
      const headers = { ...bearer(), 'content-length': length };
      const sent = httpRequest({ hostname, port, method: 'POST', path, headers }, (response) => {
        resolve(response.statusCode ?? 0);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.flushHeaders();
    });
    expect(answer).toBe(413);
  });

  it('a client that vanishes in the middle of a push leaves no process, no object and no ref', async () => {
    const path = await clone();
    const commit = await commitIn(path, 'slow.bin', randomBytes(20 * 2 ** 20));
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
      packer.stdin.end(`${commit}\n^${base}\n`);
    });
    const command = packetLine(`${'0'.repeat(40)} ${commit} ${ref}\0 report-status side-band-64k atomic`);
    const body = Buffer.concat([Buffer.from(`${command}0000`), pack]);
    const { hostname, port } = new URL(api.url);
    const type = 'application/x-git-receive-pack-request';
    const sent = httpRequest({
      hostname,
      port,
      method: 'POST',
      path: `/hub/${repositoryId}.git/git-receive-pack`,
      headers: { ...bearer(), 'content-type': type, 'content-length': String(body.length) },
    });
    sent.on('error', () => undefined);
    sent.write(body.subarray(0, body.length / 2));
    await eventually('the hub receives the pack', async () => (await quarantines()).length > 0);
    expect((await backends()).length).toBeGreaterThan(0);
    sent.destroy();
    await eventually('the processes end', async () => (await backends()).length === 0);
    expect(await quarantines()).toEqual([]);
    expect(await refsOfHub()).not.toContain(ref);
    expect((await raw('GET', refsPath(), bearer())).status).toBe(200);
  });

  it('clients that vanish before they have said anything, or while they wait, give their places back', async () => {
    const { hostname, port } = new URL(api.url);
    const path = `/hub/${repositoryId}.git/git-receive-pack`;
    const idle = Array.from({ length: 6 }, () => {
      const headers = { ...bearer(), 'content-type': 'application/x-git-receive-pack-request' };
      const sent = httpRequest({ hostname, port, method: 'POST', path, headers });
      sent.on('error', () => undefined);
      sent.write('00');
      return sent;
    });
    await eventually('all places are taken', async () => (await backends()).length >= 3);
    for (const sent of idle) sent.destroy();
    expect((await raw('GET', refsPath(), bearer())).status).toBe(200);
    await eventually('the processes end', async () => (await backends()).length === 0);
  });

  it('a lock that a killed push left is removed once it is old', async () => {
    const ref = 'refs/planwright/candidates/locked-1';
    const lock = join(hub, `${ref}.lock`);
    await writeFile(lock, '');
    const old = new Date(Date.now() - 120_000);
    await utimes(lock, old, old);
    await worker.pushNew({ repositoryId, commit: await candidate(worker, base, 'locked'), ref });
    expect(await refsOfHub()).toContain(ref);
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
      DATABASE_URL: api.database.url,
      GIT_HUB_URL: `${api.url}/hub`,
      PLANWRIGHT_HOME: await api.folder.next('w'),
    };
    const none = await planwright(env);
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('PLANWRIGHT_WORKER_TOKEN') as string,
    });
    const wrong = await planwright({ ...env, PLANWRIGHT_WORKER_TOKEN: 'x'.repeat(43) });
    expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining('refuses the token') as string });
    const token = { PLANWRIGHT_WORKER_TOKEN: api.workerToken };
    const nobody = await planwright({ ...env, ...token, GIT_HUB_URL: 'http://127.0.0.1:1/hub' });
    expect(nobody).toMatchObject({ code: 4, stderr: expect.stringContaining('No hub answers') as string });
    const shared = await planwright({ ...env, ...token, PLANWRIGHT_HOME: api.home });
    expect(shared).toMatchObject({ code: 2, stderr: expect.stringContaining('data folder') as string });
  });
});
