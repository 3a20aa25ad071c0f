import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isolatedSandbox, testSandbox } from '#testing/sandbox.js';
import { POLICIES } from './sandbox-policy.js';
import type { Sandbox, UntrustedRun } from './sandbox.js';

/** A process with a list of hosts, in the real sandbox; servers on this machine's loopback stand for the network. */

let workspace: string;
let sandbox: Sandbox;
let listed: Server;
let other: Server;

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const serve = async (answer: string) => {
  const server = createServer((incoming, response) => {
    response.end(`${answer} ${incoming.method} ${incoming.url} ${incoming.headers.host}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), 'planwright-egress-test-'));
  writeFileSync(join(workspace, 'ask.mjs'), ASK);
  sandbox = await isolatedSandbox();
  [listed, other] = await Promise.all([serve('listed'), serve('other')]);
});
afterAll(() => {
  listed.close();
  other.close();
  rmSync(workspace, { recursive: true, force: true });
});

/** Asks the proxy itself for what its arguments say: `connect AUTHORITY`, `get URL`, or without it: `direct PORT`. */
const ASK = `
import http from 'node:http'; import net from 'node:net';
const [how, what] = process.argv.slice(2);
const proxy = new URL(process.env.HTTPS_PROXY);
const say = (text) => { console.log(text); process.exit(0); };
const fail = (error) => say('failed ' + (error.code ?? error.message));
const read = (answer) => { let text = ''; answer.on('data', (c) => (text += c)); answer.on('end', () => say(answer.statusCode + ' ' + text)); };
if (how === 'direct') net.connect(Number(what), '127.0.0.1', () => say('open')).on('error', fail);
else if (how === 'get') http.get({ host: proxy.hostname, port: proxy.port, path: what, headers: { host: new URL(what).host } }, read).on('error', fail);
else {
  const asked = http.request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: what });
  asked.on('connect', (answer, socket, head) => {
    let text = head.toString(); socket.on('data', (c) => (text += c));
    if (answer.statusCode !== 200) { socket.on('end', () => say(answer.statusCode + ' ' + text)); return; }
    socket.on('end', () => say('200 ' + text.split('\\r\\n\\r\\n').at(-1)));
    socket.write('GET /deep HTTP/1.1\\r\\nHost: inner\\r\\nConnection: close\\r\\n\\r\\n');
  }).on('error', fail).end();
}
`;

function run(command: string, hosts: readonly string[], rest: Partial<UntrustedRun> = {}, held = sandbox) {
  return held.run({
    policy: { ...POLICIES.agent, network: { hosts } },
    run: { command },
    cwd: workspace,
    timeoutMs: 30_000,
    outputLimitBytes: 1_000_000,
    graceMs: 300,
    ...rest,
  });
}

async function outputOf(command: string, hosts: readonly string[], rest: Partial<UntrustedRun> = {}) {
  const result = await run(command, hosts, rest);
  if (!('output' in result)) throw new Error(JSON.stringify(result));
  return result.output.trim();
}

const own = () => `127.0.0.1:${portOf(listed)}`;

test('an address that is named is reached through the proxy, byte for byte', async () => {
  expect(await outputOf(`node ask.mjs connect ${own()}`, [own()])).toBe('200 listed GET /deep inner');
  expect(await outputOf(`node ask.mjs get http://${own()}/plain?q=1`, [own()])).toBe(
    `200 listed GET /plain?q=1 ${own()}`,
  );
});

test('a loopback address that is named answers inside at its own port, for who knows no proxy', async () => {
  const script = `fetch('http://${own()}/x', { method: 'POST', body: 'b' }).then((a) => a.text()).then(console.log)`;
  expect(await outputOf(`node -e "${script}"`, [own()])).toBe(`listed POST /x ${own()}`);
});

test('what is not on the list cannot be reached: neither through the proxy nor past it', async () => {
  const there = `127.0.0.1:${portOf(other)}`;
  expect(await outputOf(`node ask.mjs connect ${there}`, [own()])).toMatch(/^403 .*is not on the list/);
  expect(await outputOf(`node ask.mjs get http://${there}/`, [own()])).toMatch(/^403 .*is not on the list/);
  expect(await outputOf(`node ask.mjs connect example.com:443`, [own()])).toMatch(/^403/);
  expect(await outputOf(`node ask.mjs direct ${portOf(other)}`, [own()])).toBe('failed ECONNREFUSED');
});

test('with no host on the list, nothing is reached', async () => {
  expect(await outputOf(`node ask.mjs connect ${own()}`, [])).toMatch(/^403/);
  expect(await outputOf(`node ask.mjs direct ${portOf(listed)}`, [])).toBe('failed ECONNREFUSED');
});

test('a name that leads to this machine leads nowhere, though it is on the list', async () => {
  const name = hostname().toLowerCase();
  expect(await outputOf(`node ask.mjs connect ${name}:443`, [name])).toMatch(
    /^(403 .*leads to the machine itself|502 .*cannot be reached)/,
  );
  expect(await outputOf('node ask.mjs connect localhost:443', ['localhost'])).toMatch(/^403/);
});

test('input, output, exit code, time and abort are those of the process', async () => {
  expect(await outputOf('cat; echo to-stderr >&2', [], { stdin: 'given\n' })).toMatch(/given\nto-stderr/);
  expect(await run('exit 7', [])).toMatchObject({ kind: 'exited', exitCode: 7 });
  expect(await run('kill -9 $$', [])).toMatchObject({ kind: 'exited', exitCode: 137 });
  expect(await run('sleep 30', [], { timeoutMs: 500 })).toMatchObject({ kind: 'timed_out' });
  const stop = AbortSignal.timeout(500);
  expect(await run('sleep 30', [], { signal: stop })).toMatchObject({ kind: 'aborted' });
  expect(await run('', [], { run: { argv: ['/nowhere/program'] } })).toMatchObject({ exitCode: 127 });
});

test('it can neither see other folders of the kind nor take its socket away', async () => {
  const command = `ls -d ${tmpdir()}/planwright-egress-*/socket | wc -l; rm -f ${tmpdir()}/planwright-egress-*/socket; echo done`;
  const [first, second] = await Promise.all([outputOf(command, [own()]), outputOf(command, [own()])]);
  expect([first, second]).toEqual([expect.stringMatching(/^1\n/), expect.stringMatching(/^1\n/)]);
  expect(first).toMatch(/Read-only file system/);
});

test('where nothing isolates, a list of hosts cannot be kept: it does not start', async () => {
  const open = await testSandbox({ mode: 'off' });
  expect(await run('true', [own()], {}, open)).toMatchObject({ kind: 'not_started' });
  const policy = { ...POLICIES.command, network: { hosts: [] } };
  expect(await run('true', [], { policy }, open)).toMatchObject({ kind: 'not_started' });
});
