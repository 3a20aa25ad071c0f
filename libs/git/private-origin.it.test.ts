import { join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { commitAll, createOrigin, git, writeFiles } from '#testing/git-repositories.js';
import { GitTestKit, REPOSITORY } from '#testing/git-test-kit.js';
import { PrivateGitServer } from '#testing/private-git-server.js';
import { NO_CREDENTIALS, type OriginCredentials } from './origin-credentials.js';

/** Private origins over real HTTP: who may read them, and where the secret does not go. */

const SECRET = 's3cret-t0ken';
const ENCODED = Buffer.from(`x-access-token:${SECRET}`).toString('base64');

let kit: GitTestKit;
let server: PrivateGitServer;
let clone: string;
let bare: string;

beforeEach(async () => {
  kit = await GitTestKit.create();
  clone = await createOrigin(await kit.folder.next('clone'));
  bare = join(await kit.folder.next('served'), 'demo.git');
  await git(clone, 'clone', '--quiet', '--bare', clone, bare);
  server = await PrivateGitServer.start(join(bare, '..'), `x-access-token:${SECRET}`);
});
afterEach(async () => {
  await server.close();
  await kit.remove();
});

const portWith = (credentials: Partial<OriginCredentials>): GitPort =>
  kit.worker('worker', { originCredentials: { ...NO_CREDENTIALS, ...credentials } });
const read = (port: GitPort, origin: string) =>
  port.importBase({ repositoryId: REPOSITORY, origin, base: null });

const inHub = (port: GitPort, commit: string) =>
  port.pushNew({ repositoryId: REPOSITORY, commit, ref: `refs/planwright/candidates/${commit}` });

test.each([
  ['a token for every host', () => ({ token: SECRET })],
  ['a name and a password', () => ({ token: `x-access-token:${SECRET}` })],
  ['a token for this host', () => ({ token: 'another', tokens: new Map([['127.0.0.1', SECRET]]) })],
])('is read with %s', async (_what, credentials) => {
  const head = await git(clone, 'rev-parse', 'HEAD');
  expect(await read(portWith(credentials()), server.url('acme/demo'))).toMatchObject({
    commit: head,
    branch: 'main',
  });
});

test('is read with a name in its address', async () => {
  const origin = server.url('acme/demo', 'somebody');
  await expect(read(portWith({ token: SECRET }), origin)).resolves.toMatchObject({ branch: 'main' });
});

test('is pushed to, fast-forward only and from where it was seen', async () => {
  const port = portWith({ token: SECRET });
  const origin = server.url('acme/demo');
  const { commit: from } = await read(port, origin);
  const to = await kit.candidate(port, from, { write: { 'new.txt': 'new\n' } });
  const move = { repositoryId: REPOSITORY, origin, branch: 'main', from, to };
  await inHub(port, to);
  expect(await port.deliveries.pushTarget(move)).toEqual({ kind: 'pushed' });
  expect(await git(bare, 'rev-parse', 'main')).toBe(to);
  expect(await port.deliveries.pushTarget(move)).toEqual({ kind: 'pushed' });
  await git(clone, 'fetch', '--quiet', bare, 'main');
  await git(clone, 'reset', '--quiet', '--hard', 'FETCH_HEAD');
  await writeFiles(clone, { 'theirs.txt': 'theirs\n' });
  const theirs = await commitAll(clone, 'Theirs');
  await git(clone, 'push', '--quiet', bare, 'main');
  const again = await kit.candidate(port, to, { write: { 'more.txt': 'more\n' } });
  await inHub(port, again);
  expect(await port.deliveries.pushTarget({ ...move, from: to, to: again })).toEqual({ kind: 'moved' });
  expect(await git(bare, 'rev-parse', 'main')).toBe(theirs);
});

test.each([
  ['none', {}],
  ['a wrong one', { token: 'wr0ng-t0ken' }],
  ['one for another host', { tokens: new Map([['example.com', SECRET]]) }],
])('with %s is refused in words that hold no secret', async (_what, credentials) => {
  const origin = server.url('acme/demo', 'me');
  const refusal = (await read(portWith(credentials), origin).catch((error: unknown) => error)) as Error;
  expect(refusal.message).toMatch(/cannot be read/);
  expect(refusal.message).not.toMatch(/me@|t0ken/);
  expect(refusal.message).not.toContain(Buffer.from('x-access-token:wr0ng-t0ken').toString('base64'));
});

test('an origin on this machine is shown none', async () => {
  const port = portWith({ token: SECRET });
  await read(port, bare);
  expect(server.shown).toEqual([]);
});

test('the secret is sent before it is asked for, to this host alone', async () => {
  await read(portWith({ token: SECRET }), server.url('acme/demo'));
  expect(new Set(server.shown)).toEqual(new Set([`Basic ${ENCODED}`]));
});

test('a credential helper is asked, where there is one', async () => {
  const helper = `!f() { echo username=x-access-token; echo password=${SECRET}; }; f`;
  await expect(read(portWith({ helper }), server.url('acme/demo'))).resolves.toMatchObject({
    branch: 'main',
  });
});
