import { join } from 'node:path';
import { NO_CREDENTIALS } from '#git/origin-credentials.js';
import { DELIVERED_FILES, DeliveryScene } from '#testing/delivery-scene.js';
import { createOrigin, git } from '#testing/git-repositories.js';
import { PrivateGitServer } from '#testing/private-git-server.js';
import { ScriptedForge } from '#testing/scripted-forge.js';
import { forgePlace } from './forge-place.js';
import { GitHubForge } from './github-forge.js';

/** Pull requests from a private origin, by real HTTP to git and to the forge. */

const TOKEN = 'f0rge-t0ken';
const GIT_TOKEN = 'g1t-t0ken';

let scene: DeliveryScene;
let server: PrivateGitServer;
let forge: ScriptedForge;
/** The repository behind the server. */
let bare: string;

beforeAll(async () => {
  scene = await DeliveryScene.open();
});
afterAll(() => scene.close());
beforeEach(async () => {
  scene.clone = await createOrigin(await scene.kit.folder.next('clone'), DELIVERED_FILES);
  bare = join(await scene.kit.folder.next('served'), 'demo.git');
  await git(scene.clone, 'clone', '--quiet', '--bare', scene.clone, bare);
  await git(scene.clone, 'remote', 'add', 'origin', bare);
  server = await PrivateGitServer.start(join(bare, '..'), `x-access-token:${GIT_TOKEN}`);
  forge = await ScriptedForge.start(TOKEN, async () => {
    const refs = await git(bare, 'for-each-ref', '--format=%(refname:short)', 'refs/heads');
    return refs.split('\n');
  });
  const originCredentials = { ...NO_CREDENTIALS, token: GIT_TOKEN };
  scene.over = { forge: forgeWith(TOKEN), git: scene.kit.worker('api', { originCredentials }) };
  await scene.complete(server.url('acme/demo'));
});
afterEach(async () => {
  await server.close();
  await forge.close();
});

function forgeWith(token: string): GitHubForge {
  const place = forgePlace(forge.url);
  if (place === null) throw new Error(`${forge.url} is no place of a forge`);
  return new GitHubForge(place, token);
}

const GRACE = { 'names.txt': 'ada\ngrace\n' };

test('a pull request is what is meant where nothing else is said: up to date, verified, and told what it holds', async () => {
  const target = await scene.moveMain(GRACE);
  const { branch, tipCommit } = await scene.plan();
  const opened = await scene.finish();
  const url = 'https://forge.example/acme/demo/pull/1';
  expect(opened).toMatchObject({ way: 'pull_request', outcome: 'opened', pullRequest: { number: 1, url } });
  expect(forge.pulls).toMatchObject([
    { head: branch, base: 'main', title: expect.stringContaining('Modern') },
  ]);
  const body = forge.pulls[0]?.body;
  expect(body).toContain('1 Remove \\*legacy\\*: verified');
  expect(body).toContain('2 Greet: **not verified**');
  expect(body).toContain('Merged with `main` and verified again');
  expect(await git(bare, 'rev-parse', branch)).toBe(opened.commit);
  expect(await git(bare, 'rev-list', '--parents', '-1', branch)).toBe(
    `${opened.commit} ${tipCommit} ${target}`,
  );
  expect(await git(bare, 'rev-parse', 'main')).toBe(target);
  expect(await scene.events()).toEqual(['delivery.started', 'delivery.verified', 'delivery.opened']);
});

test('the open pull request of the same branches is brought up to date, not doubled', async () => {
  await scene.finish();
  await scene.moveMain(GRACE);
  const again = await scene.finish();
  expect(again).toMatchObject({ number: 2, outcome: 'opened', pullRequest: { number: 1 } });
  expect(forge.pulls).toHaveLength(1);
  expect(forge.pulls[0]?.body).toContain('verified again');
  expect(await git(bare, 'rev-parse', (await scene.plan()).branch)).toBe(again.commit);
});

test('a process that dies once the forge has it leaves one pull request', async () => {
  await scene.ask();
  const reach = (point: string): void => {
    if (point === 'delivery.pushed') throw new Error('killed');
  };
  await scene.carryOut({ ...scene.deps, reach });
  expect(await scene.last()).toMatchObject({ status: 'delivering' });
  await scene.hurry();
  await scene.carryOut();
  expect(await scene.last()).toMatchObject({ outcome: 'opened', pullRequest: { number: 1 } });
  expect(forge.pulls).toHaveLength(1);
});

test('one that somebody opened in between is taken', async () => {
  await scene.finish();
  forge.script.push({ status: 200, body: [] });
  expect(await scene.finish()).toMatchObject({ outcome: 'opened', pullRequest: { number: 1 } });
  expect(forge.asked.slice(-4).map((line) => line.split(' ')[0])).toEqual(['GET', 'POST', 'GET', 'PATCH']);
});

test('a forge that is busy is asked again; one that stays so ends it', async () => {
  await scene.ask();
  forge.script.push({ status: 503, body: {} });
  await scene.carryOut();
  expect(await scene.last()).toMatchObject({ status: 'delivering', tries: 1 });
  await scene.hurry();
  await scene.carryOut();
  expect(await scene.last()).toMatchObject({ outcome: 'opened' });

  await scene.ask();
  for (let tries = 0; tries < 7; tries += 1) {
    forge.script.push({ status: 503, body: {} });
    await scene.carryOut();
    await scene.hurry();
  }
  const failed = await scene.last();
  expect(failed).toMatchObject({
    number: 2,
    status: 'failed',
    message: expect.stringContaining('tried 7 times'),
  });
});

test('a token that opens nothing is refused with what to do, and is not told', async () => {
  scene.over = { ...scene.over, forge: forgeWith('wr0ng-t0ken') };
  const failed = await scene.finish();
  expect(failed).toMatchObject({
    status: 'failed',
    remedy: expect.stringContaining('PLANWRIGHT_FORGE_TOKEN'),
  });
  expect(failed.message).toContain('401 (Bad credentials: Bearer ***)');
  const told = await scene.engine.stores.db.planEvent.findMany({ where: { planId: scene.planId } });
  expect(JSON.stringify([told.map(({ payload }) => payload), failed])).not.toMatch(/t0ken/);
});

test('a forge that answers from somewhere else is not followed there', async () => {
  forge.script.push({ status: 301, body: { message: 'Moved Permanently' } });
  expect(await scene.finish()).toMatchObject({
    status: 'failed',
    message: expect.stringContaining('301 (Moved Permanently)'),
  });
});
