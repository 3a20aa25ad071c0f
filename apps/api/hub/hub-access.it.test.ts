import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { git } from '#testing/git-repositories.js';
import { commitFile, packetLine, ServedHub } from '#testing/served-hub.js';

let hub: ServedHub;

beforeAll(async () => {
  hub = await ServedHub.start();
});

afterAll(async () => {
  await hub.api.stop();
});

describe('who is let in', () => {
  it.each([
    ['nothing', {}],
    ['a wrong token', { authorization: `Bearer ${'x'.repeat(43)}` }],
    ['a wrong password', { authorization: `Basic ${Buffer.from('worker:x').toString('base64')}` }],
    ['another scheme', { authorization: 'Digest x' }],
  ])('not who shows %s', async (_what, headers: Record<string, string>) => {
    for (const [method, path] of [
      ['GET', hub.refsPath()],
      ['GET', hub.refsPath('git-receive-pack')],
      ['POST', `${hub.path}/git-receive-pack`],
      ['GET', '/hub/'],
      ['GET', '/%68ub/x'],
    ] as const) {
      const answer = await hub.raw(method, path, headers);
      expect(answer).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="Planwright hub"' },
      });
      expect(answer.body).not.toContain(hub.api.workerToken);
    }
  });

  it('whoever shows a token, by Bearer or Basic', async () => {
    const basic = (name: string, token: string) => ({
      authorization: `Basic ${Buffer.from(`${name}:${token}`).toString('base64')}`,
    });
    for (const headers of [
      hub.bearer(),
      hub.bearer(hub.api.token),
      basic('worker', hub.api.workerToken),
      basic('ada', hub.api.token),
    ]) {
      expect((await hub.raw('GET', hub.refsPath(), headers)).status).toBe(200);
    }
    expect((await hub.raw('GET', hub.refsPath(), basic('ada', hub.api.workerToken))).status).toBe(401);
  });

  it('a worker no further than to the hubs', async () => {
    const headers = hub.bearer();
    expect((await hub.raw('POST', '/api/plans/1/execute', headers)).status).toBe(401);
    expect((await hub.raw('GET', '/jobs', headers)).status).toBe(401);
    expect((await hub.raw('POST', '/hub/../api/plans/1/execute', headers)).status).not.toBe(202);
    expect((await hub.api.get('/api/plans/1')).body['status']).toBe('ready');
  });

  it('no page, and no other Host, with whatever token', async () => {
    expect(
      (await hub.raw('GET', hub.refsPath(), { ...hub.bearer(), origin: 'http://evil.example' })).status,
    ).toBe(403);
    expect((await hub.raw('GET', hub.refsPath(), { ...hub.bearer(), host: 'evil.example' })).status).toBe(
      403,
    );
  });
});

describe('what is served', () => {
  it.each([
    [
      'another repository',
      () => '/hub/00000000-0000-4000-8000-000000000000.git/info/refs?service=git-upload-pack',
    ],
    ['no id', () => '/hub/demo.git/info/refs?service=git-upload-pack'],
    ['a way out', () => `/hub/../${hub.repositoryId}.git/info/refs?service=git-upload-pack`],
    [
      'an encoded way out',
      () => `/hub/%2e%2e%2fhubs%2f${hub.repositoryId}.git/info/refs?service=git-upload-pack`,
    ],
    ['a way out behind the id', () => `${hub.path}/../../token`],
    ['an absolute path', () => `/hub//etc/passwd`],
    ['a file', () => `${hub.path}/HEAD`],
    ['an object', () => `${hub.path}/objects/info/packs`],
    ['the list of the older protocol', () => `${hub.path}/info/refs`],
    ['another service', () => `${hub.path}/info/refs?service=git-upload-archive`],
    ['two services', () => `${hub.refsPath()}&service=git-receive-pack`],
  ])('not %s', async (_what, path) => {
    const answer = await hub.raw('GET', path(), hub.bearer());
    expect(answer.status).toBe(404);
    expect(answer.body).not.toMatch(/root:|[0-9a-f]{40}/);
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])('nothing by %s', async (method) => {
    expect((await hub.raw(method, hub.refsPath(), hub.bearer())).status).toBe(404);
    expect((await hub.raw(method, `${hub.path}/git-receive-pack`, hub.bearer())).status).toBe(404);
  });

  it('protocol 2, and bodies that are gzipped', async () => {
    const headers = { ...hub.bearer(), 'git-protocol': 'version=2' };
    expect((await hub.raw('GET', hub.refsPath(), headers)).body).toContain('version 2');
    const body = gzipSync(Buffer.from(`${packetLine('command=ls-refs\n')}0001${packetLine('peel\n')}0000`));
    const answer = await hub.raw(
      'POST',
      `${hub.path}/git-upload-pack`,
      { ...headers, 'content-type': 'application/x-git-upload-pack-request', 'content-encoding': 'gzip' },
      body,
    );
    expect(answer).toMatchObject({
      status: 200,
      body: expect.stringContaining(`refs/planwright/base/${hub.base}`) as string,
    });
  });

  it('more requests at once than there are places', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, () => hub.raw('GET', hub.refsPath(), hub.bearer())),
    );
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
    const path = await hub.clone();
    const commit = await commitFile(path, 'mine.txt');
    const token = client === 'worker' ? hub.api.workerToken : hub.api.token;
    const before = await hub.refs();
    const ran = await hub.git(path, token, 'push', hub.url, `+${commit}:${ref}`);
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('hidden ref') as string });
    expect(await hub.refs()).toEqual(before);
  });

  it("a person's work, where it is handed in", async () => {
    const path = await hub.clone(hub.api.token);
    const commit = await commitFile(path, 'submitted.txt');
    const ref = 'refs/planwright/submissions/1';
    expect((await hub.git(path, hub.api.token, 'push', hub.url, `${commit}:${ref}`)).code).toBe(0);
    expect(await git(hub.folder, 'rev-parse', ref)).toBe(commit);
  });

  it('no plan branch is deleted', async () => {
    const ref = 'refs/heads/planwright/12-demo';
    const path = await hub.clone();
    expect((await hub.git(path, hub.api.workerToken, 'push', hub.url, `${hub.base}:${ref}`)).code).toBe(0);
    const ran = await hub.git(path, hub.api.workerToken, 'push', hub.url, `:${ref}`);
    expect(ran.code).toBe(1);
    expect(await hub.refs()).toContain(ref);
  });

  it('no hook runs, wherever it was planted', async () => {
    const hook = join(hub.folder, 'hooks/update');
    await mkdir(join(hub.folder, 'hooks'), { recursive: true });
    await writeFile(hook, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const path = await hub.clone();
    const commit = await commitFile(path, 'hooked.txt');
    const ref = 'refs/planwright/candidates/hooked-1';
    expect((await hub.git(path, hub.api.workerToken, 'push', hub.url, `${commit}:${ref}`)).code).toBe(0);
  });
});
