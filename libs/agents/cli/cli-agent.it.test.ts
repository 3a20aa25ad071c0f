import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AGENT_NAMES, type AgentName } from '#contracts/agents/agent-cli.js';
import type { AgentFile } from '#contracts/agents/agent-file.js';
import { AGENT_CLIS } from '#contracts/agents/table.js';
import type { AttemptInput } from '#engine/ports/agent.port.js';
import { BARE_INPUT } from '#testing/attempt-input.js';
import { makeStandIns } from '#testing/agent-cli/stand-ins.js';
import { USED } from '#testing/agent-cli/printed.js';
import { TEST_PATH } from '#testing/git-repositories.js';
import { isolatedSandbox } from '#testing/sandbox.js';
import { createAgents } from '../agents-adapter.js';
import type { CliAgentConfig } from './cli-agent.js';

/** Every entry of the table, in the real sandbox, on a program that takes what the agent's documentation lists. */

const NOW = new Date('2026-11-21T12:00:00Z');
const KEY = 'key-that-nobody-may-see';
const installed = AGENT_NAMES.filter((name) => AGENT_CLIS[name].program !== null);

let root: string;
let path: string;
let config: CliAgentConfig;
let workspace: string;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'planwright-agents-')));
  path = `${makeStandIns(root)}:${TEST_PATH}`;
  const sandbox = await isolatedSandbox({
    path,
    tempRoot: join(root, 'tmp'),
    secret: [join(root, 'secret')],
  });
  config = { sandbox, path, now: () => NOW, environment: {}, hosts: [], loginHome: null };
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  workspace = mkdtempSync(join(root, 'workspace-'));
});

const keysOf = (name: AgentName) => ({ [AGENT_CLIS[name].credentials[0]?.name ?? 'NONE']: KEY });

interface Asked {
  readonly agent: Partial<AgentFile> & { readonly name: AgentName };
  readonly words?: readonly string[];
  readonly input?: Partial<AttemptInput>;
  readonly config?: Partial<CliAgentConfig>;
  readonly timeoutSeconds?: number;
  readonly cwd?: string | null;
}

function run({
  agent,
  words = [],
  input = {},
  config: more = {},
  timeoutSeconds = 30,
  cwd = workspace,
}: Asked) {
  const agents = createAgents({
    command: { sandbox: config.sandbox },
    cli: { ...config, environment: keysOf(agent.name), ...more },
  });
  return agents.run({
    executor: { kind: 'agent', agent, timeoutSeconds },
    writtenBy: 'person',
    input: {
      ...BARE_INPUT,
      plan: { number: 7, name: 'Plan' },
      task: {
        number: 3,
        title: 'Change one file',
        prompt: `Do it.\n${words.map((word) => `Stand-in: ${word}`).join('\n')}\n`,
      },
      ...input,
    },
    cwd,
    signal: new AbortController().signal,
  });
}

/** What the stand-in left of how it was started. */
type LeftRecord = Readonly<Record<'args' | 'variables', readonly string[]>> & { readonly prompt: string };
const record = () => JSON.parse(readFileSync(join(workspace, 'stand-in.json'), 'utf8')) as LeftRecord;

/** What the documentation of each lets be read of a run. */
const all = {
  inputTokens: USED.input,
  outputTokens: USED.output,
  cacheReadTokens: USED.cacheRead,
  cacheWriteTokens: USED.cacheWrite,
  costUsd: USED.cost,
  sessionId: USED.session,
  model: USED.model,
};
const none = Object.fromEntries(Object.keys(all).map((key) => [key, null])) as {
  [K in keyof typeof all]: null;
};
const USAGE: Partial<Record<AgentName, object>> = {
  claude: all,
  codex: { ...all, cacheWriteTokens: null, costUsd: null, model: null },
  gemini: { ...all, cacheWriteTokens: null, costUsd: null },
  opencode: { ...all, model: null },
  aider: { ...all, sessionId: null, model: null },
  copilot: { ...none, outputTokens: USED.output, sessionId: USED.session },
  cursor: { ...none, sessionId: USED.session },
  goose: { ...all, sessionId: null, model: null },
  amp: { ...all, costUsd: null, model: null },
  qwen: { ...all, cacheWriteTokens: null, costUsd: null },
  droid: { ...none, sessionId: USED.session },
  cline: { ...all, sessionId: null },
};

describe.each(installed)('%s', (name) => {
  const cli = AGENT_CLIS[name];

  test('does its work in the workspace, on a line that its documentation lists', async () => {
    const result = await run({ agent: { name } });
    expect(result).toMatchObject({ kind: 'done', sandbox: 'bubblewrap', result: null });
    expect(result.output).toMatch(/^Changed one file\./);
    expect(result.usage).toEqual(USAGE[name]);
    const { prompt, variables } = record();
    expect(prompt).toMatch(
      /^# Task 7\.3 of the plan "[^"]*": Change one file\n[^]*\nDo it\.\n[^]*PLANWRIGHT_RESULT/,
    );
    expect(variables).toEqual(expect.arrayContaining([...Object.keys(keysOf(name)), 'HTTPS_PROXY']));
  });

  test('is told everything that a plan can tell it', async () => {
    const { model, effort, tools, resume } = cli;
    const agent: Asked['agent'] = {
      name,
      ...(model === undefined ? {} : { model: 'some-model' }),
      ...(effort === undefined ? {} : { effort: effort.levels[0] ?? 'low' }),
      ...(tools === undefined
        ? {}
        : {
            tools: {
              ...(tools.allow === undefined ? {} : { allow: ['Read', 'Edit'] }),
              ...(tools.deny === undefined ? {} : { deny: ['Bash'] }),
            },
          }),
      ...(resume?.kept === 'service' ? { resume: 'session-1' } : {}),
    };
    expect(await run({ agent })).toMatchObject({ kind: 'done' });
    const line = record().args.join(' ');
    for (const word of [
      agent.model,
      agent.effort,
      agent.resume,
      ...(agent.tools?.allow ?? []),
      ...(agent.tools?.deny ?? []),
    ])
      expect(line).toContain(word ?? '');
    expect(line.includes(cli.approve.join(' '))).toBe(tools?.allow === undefined || cli.approve.length === 0);
  });

  test('fails as it says', async () => {
    const result = await run({ agent: { name }, words: ['fail the model is not available'] });
    expect(result).toMatchObject({ kind: 'failed', failure: 'agent_failed' });
    const said = `${'message' in result ? result.message : ''} ${result.output}`;
    expect(said).toMatch(/exit code 1/);
    expect(said).toMatch(/the model is not available/);
  });

  test('a prompt longer than an argument may be arrives whole', async () => {
    const rejectedDiff = `+${'x'.repeat(55_000)}\n`;
    const note = `${'y'.repeat(90_000)}\nStand-in: says heard`;
    const result = await run({ agent: { name }, input: { note, rejectedDiff, attempt: 2 } });
    expect(result).toMatchObject({ kind: 'done', output: expect.stringContaining('heard') });
  });

  test('without a key it is not started, and the message says which to set', async () => {
    const result = await run({ agent: { name }, config: { environment: {} } });
    expect(result).toMatchObject({ kind: 'failed', failure: 'infrastructure' });
    expect('message' in result && result.message).toContain(cli.credentials[0]?.name ?? '');
    expect(readdirSync(workspace)).toEqual([]);
  });

  test('where it prints events, a run whose output breaks off is no success', async () => {
    for (const word of ['malformed', 'truncated']) {
      const result = await run({ agent: { name }, words: [word] });
      if (cli.output.format === 'text') expect(result.kind).toBe('done');
      else
        expect(result).toMatchObject({
          kind: 'failed',
          failure: 'agent_failed',
          message: expect.stringMatching(/cut off/),
        });
    }
  });
});

describe('what the documentation shows of quotas', () => {
  const local = (text: string) => new Date(text);
  test.each<[AgentName, string, Date | null]>([
    ['claude', 'Claude AI usage limit reached|1795262400', new Date(1_795_262_400_000)],
    ['claude', "You've hit your limit · resets 3pm (UTC)", new Date('2026-11-21T15:00:00Z')],
    ['claude', '5-hour limit reached ∙ resets 3:30am (Europe/Berlin)', new Date('2026-11-22T02:30:00Z')],
    ['claude', 'API Error: Request rejected (429) · This request would exceed your limit', null],
    [
      'codex',
      "You've hit your usage limit. Try again at Nov 23rd, 2026 3:45 PM.",
      local('2026-11-23T15:45:00'),
    ],
    ['codex', "You've hit your usage limit. Upgrade to Pro or try again later.", null],
    [
      'gemini',
      'You have exhausted your capacity on this model. Your quota will reset after 1h49m8s.',
      new Date('2026-11-21T13:49:08Z'),
    ],
    ['copilot', 'You have exceeded your premium request allowance.', null],
    ['opencode', 'You exceeded your current quota, please check your plan', null],
  ])('%s: %s', async (name, text, retryAt) => {
    const result = await run({ agent: { name }, words: [`fail ${text}`] });
    expect(result).toMatchObject({ kind: 'failed', failure: 'quota', retryAt });
    expect(result).toMatchObject({ message: expect.stringContaining(text.slice(0, 20)) });
  });

  test('what a run prints of quotas and does not fail for is none', async () => {
    const words = ['says Claude AI usage limit reached|1795262400'];
    expect(await run({ agent: { name: 'claude' }, words })).toMatchObject({ kind: 'done' });
    const fails = [...words, 'fails-with-0 it gave up'];
    expect(await run({ agent: { name: 'claude' }, words: fails })).toMatchObject({ failure: 'agent_failed' });
  });
});

test.each<[AgentName, string, string]>([
  ['gemini', 'exit 53', 'limit_exceeded'],
  ['kiro', 'exit 3', 'infrastructure'],
  ['claude', 'fails-with-0 it gave up', 'agent_failed'],
])('%s: %s is %s', async (name, word, failure) => {
  expect(await run({ agent: { name }, words: [word] })).toMatchObject({ kind: 'failed', failure });
});

test('one that hangs is ended after its time, one that floods after its bytes', async () => {
  const hung = await run({ agent: { name: 'codex' }, words: ['hang'], timeoutSeconds: 1 });
  expect(hung).toMatchObject({
    kind: 'failed',
    failure: 'limit_exceeded',
    message: expect.stringMatching(/longer than 1 s/),
  });
  const flooded = await run({
    agent: { name: 'codex' },
    words: ['endless'],
    config: { outputLimitBytes: 2_000_000 },
  });
  expect(flooded).toMatchObject({
    kind: 'failed',
    failure: 'limit_exceeded',
    message: expect.stringMatching(/output limit/),
  });
});

test('it says itself that the plan does not fit, and what it found', async () => {
  const words = ['report {"outcome": "needs_replan", "message": "there is no such module"}'];
  expect(await run({ agent: { name: 'goose' }, words })).toMatchObject({
    kind: 'failed',
    failure: 'needs_replan',
    message: 'there is no such module',
    usage: { sessionId: null, outputTokens: USED.output },
  });
});

test('it writes nowhere but into its workspace', async () => {
  mkdirSync(join(root, 'secret'), { recursive: true });
  const places = [
    join(root, 'escaped'),
    join(root, 'secret/escaped'),
    '/etc/escaped',
    '/usr/escaped',
    `${workspace}/../x`,
  ];
  const result = await run({ agent: { name: 'amp' }, words: [`escape ${places.join(' ')}`] });
  // What it writes below its own /tmp is gone with it.
  expect(result).toMatchObject({
    kind: 'done',
    output: expect.stringMatching(/\/etc\/escaped: EROFS; \/usr\/escaped: EROFS/),
  });
  for (const place of places) expect(existsSync(place)).toBe(false);
  expect(readdirSync(workspace)).toEqual(['stand-in.json']);
});

test('it is given the variables that its entry names, and no other of the worker', async () => {
  const environment = {
    ANTHROPIC_API_KEY: KEY,
    ANTHROPIC_MODEL: 'm',
    OPENAI_API_KEY: 'of-somebody-else',
    DATABASE_URL: 'postgres://secret',
  };
  await run({ agent: { name: 'claude' }, config: { environment } });
  const { variables } = record();
  expect(variables).toEqual(
    expect.arrayContaining([
      'ANTHROPIC_API_KEY',
      'ANTHROPIC_MODEL',
      'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
    ]),
  );
  expect(variables).not.toEqual(expect.arrayContaining(['OPENAI_API_KEY']));
  expect(variables).not.toEqual(expect.arrayContaining(['DATABASE_URL']));
});

test('its key is in nothing that it leaves', async () => {
  const tells = await run({ agent: { name: 'claude' }, words: ['tells ANTHROPIC_API_KEY'] });
  expect(tells).toMatchObject({ kind: 'done', output: 'The key is [ANTHROPIC_API_KEY]' });
  const words = [`report {"outcome": "failed", "message": "it was ${KEY}", "data": {"key": "${KEY}"}}`];
  const result = await run({ agent: { name: 'claude' }, words });
  expect(result).toMatchObject({
    message: 'it was [ANTHROPIC_API_KEY]',
    result: { key: '[ANTHROPIC_API_KEY]' },
  });
});

test('a base address is reached where its variable names it, and only there', async () => {
  const server = createServer((_, response) => void response.end('the model'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const named = { environment: { ...keysOf('claude'), ANTHROPIC_BASE_URL: `${url}/v1` } };
    const words = [`asks ${url}/v1/messages`];
    expect(await run({ agent: { name: 'claude' }, words, config: named })).toMatchObject({
      output: 'the model',
    });
    const unnamed = await run({ agent: { name: 'claude' }, words });
    expect(unnamed.output).not.toMatch(/the model/);
  } finally {
    server.close();
  }
});

test('files by which it is logged in are copied where a person says from where, and stay as they are', async () => {
  const loginHome = mkdtempSync(join(root, 'logins-'));
  mkdirSync(join(loginHome, '.codex'));
  writeFileSync(join(loginHome, '.codex/auth.json'), '{"tokens":"t"}');
  writeFileSync(join(loginHome, '.codex/history.jsonl'), 'private');
  const found = { environment: {}, loginHome };
  const agent = { name: 'codex' } as const;
  const read = await run({ agent, words: ['no key', 'reads ~/.codex/auth.json'], config: found });
  expect(read).toMatchObject({ kind: 'done', output: '{"tokens":"t"}' });
  const other = await run({ agent, words: ['no key', 'reads ~/.codex/history.jsonl'], config: found });
  expect(other).toMatchObject({ kind: 'failed', failure: 'agent_failed' });
});

test('what it leaves for itself is no part of the work, unless it was there', async () => {
  mkdirSync(join(workspace, '.aider.mine'));
  await run({ agent: { name: 'aider' }, words: ['litter .aider.tags.cache.v4/x', 'litter kept'] });
  expect(readdirSync(workspace).sort()).toEqual(['.aider.mine', 'kept', 'stand-in.json']);
});

test('an argument that it does not know fails the attempt with its own words', async () => {
  const result = await run({ agent: { name: 'crush', args: ['--no-such-option'] } });
  expect(result).toMatchObject({
    failure: 'agent_failed',
    message: 'Crush failed (exit code 64): error: unexpected argument --no-such-option',
  });
});

test('one that is not installed is named, with where it was looked for', async () => {
  const result = await run({ agent: { name: 'codex' }, config: { path: '/usr/nowhere' } });
  expect(result).toMatchObject({
    failure: 'infrastructure',
    message: expect.stringMatching(/no codex in \/usr\/nowhere/),
  });
});

describe('your own', () => {
  const own = (command: string): Asked['agent'] => ({ name: 'own', command });

  test('hears the prompt on its standard input and changes the workspace', async () => {
    const result = await run({ agent: own('cat > prompt.md; echo said') });
    expect(result).toMatchObject({ kind: 'done', output: 'said', result: null });
    expect(readFileSync(join(workspace, 'prompt.md'), 'utf8')).toMatch(/^# Task 7\.3/);
  });

  test('has no network but to what it has a key for', async () => {
    const result = await run({ agent: own('echo $HTTPS_PROXY; getent hosts example.com || echo nothing') });
    expect(result.output).toMatch(/^http:\/\/127\.0\.0\.1:\d+\nnothing$/);
  });

  test('without a workspace, it works in an empty folder', async () => {
    const result = await run({ agent: own('ls -A | wc -l'), cwd: null });
    expect(result).toMatchObject({ kind: 'done', output: '0' });
  });
});
