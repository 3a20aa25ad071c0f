import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gives, says, uses, type Answer } from './answer.js';
import { startMessagesApi, type MessagesApi } from './messages-api.js';
import type { RequestBody } from './request.js';
import type { Rules } from './script.js';

const HEADERS = { 'x-api-key': 'any', 'content-type': 'application/json' };
const QUESTION = { model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'What is it?' }] };

describe('the scripted Messages API', () => {
  let api: MessagesApi;

  beforeAll(async () => {
    api = await startMessagesApi([]);
  });

  afterAll(() => api.close());

  const post = (body: object, headers: Record<string, string> = HEADERS, path = '/v1/messages') =>
    fetch(`${api.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });

  const events = async (answer: Answer) => {
    api.use([answer]);
    const text = await (await post({ ...QUESTION, stream: true })).text();
    return text
      .split('\n\n')
      .filter((part) => part !== '')
      .map((part) => {
        const [event, data] = part.split('\n');
        const value = JSON.parse(data!.slice('data: '.length)) as { type: string; delta?: object };
        expect(event).toBe(`event: ${value.type}`);
        return value;
      });
  };

  test('a stream has the events of the real one, in their order', async () => {
    const all = await events(uses('ls', { path: '.' }, { thinking: 'Hm', text: 'I look' }));
    const blockEvents = (deltas: number) => [
      'content_block_start',
      ...Array.from({ length: deltas }, () => 'content_block_delta'),
      'content_block_stop',
    ];
    expect(all.map(({ type }) => type)).toEqual([
      'message_start',
      'ping',
      ...blockEvents(2),
      ...blockEvents(1),
      ...blockEvents(2),
      'message_delta',
      'message_stop',
    ]);
    expect(all.at(-2)).toMatchObject({ delta: { stop_reason: 'tool_use' }, usage: { input_tokens: 3 } });
  });

  test('an answer that is not streamed is the same one', async () => {
    api.use([gives({ a: 1 })]);
    const response = await post(QUESTION);
    expect(await response.json()).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: '{"a":1}' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 3, output_tokens: 2 },
    });
  });

  test('it has models and counts tokens', async () => {
    const model = await fetch(`${api.url}/v1/models/claude-opus-5-5`, { headers: HEADERS });
    expect(await model.json()).toMatchObject({ type: 'model', id: 'claude-opus-5-5' });
    const count = await post(QUESTION, HEADERS, '/v1/messages/count_tokens');
    expect(await count.json()).toEqual({ input_tokens: 3 });
  });

  test('without a key it opens to nobody', async () => {
    const response = await post(QUESTION, { 'content-type': 'application/json' });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { type: 'authentication_error' } });
  });

  const object = (more: object) => ({
    output_config: { format: { type: 'json_schema', schema: { type: 'object', properties: {}, ...more } } },
  });
  const marked = { type: 'text', text: 'x', cache_control: { type: 'ephemeral' } };
  const user = (...content: object[]) => ({ role: 'user', content });
  const assistant = (...content: object[]) => ({ role: 'assistant', content });
  const use = { type: 'tool_use', id: 't1', name: 'ls', input: {} };

  test.each<[string, object, RegExp]>([
    ['has no limit', { max_tokens: undefined }, /max_tokens/],
    ['ends with an answer', { messages: [user(marked), assistant(marked)] }, /prefill/],
    ['has empty text', { messages: [user({ type: 'text', text: '' })] }, /non-empty/],
    ['has five cache breakpoints', { messages: [user(marked, marked, marked, marked, marked)] }, /Found 5/],
    [
      'lacks the result of a tool',
      { messages: [user(marked), assistant(use), user(marked)] },
      /without `tool_result`/,
    ],
    [
      'has a result that no tool was asked for',
      { messages: [user({ type: 'tool_result', tool_use_id: 't1', content: '' })] },
      /unexpected/,
    ],
    [
      'changed its thinking',
      {
        messages: [
          user(marked),
          assistant({ type: 'thinking', thinking: 'Other', signature: 'sig_1' }),
          user(marked),
        ],
      },
      /cannot be modified/,
    ],
    ['has an open schema', object({}), /additionalProperties/],
    [
      'has a schema with a limit',
      object({ additionalProperties: false, properties: { n: { type: 'integer', minimum: 1 } } }),
      /'minimum' is not supported/,
    ],
  ])('a request that %s is refused as the real one does', async (_, change, message) => {
    const response = await post({ ...QUESTION, ...change });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string } };
    expect(error.message).toMatch(message);
  });

  test('a call that the script does not know is refused with what was asked', async () => {
    api.use([]);
    const response = await post(QUESTION);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('no answer for call 0 (turn 0): What is it?');
  });

  test('rules answer by what is asked, by the turn of a conversation, or in order', async () => {
    const rules: Rules = {
      rules: [
        { when: { system: 'You review' }, answer: { json: { findings: [] } } },
        { when: { first: 'Task 1' }, turns: [{ text: 'first turn' }, { text: 'second turn' }] },
        { when: { tool: 'ls', model: 'm' }, answer: { text: 'has tools' } },
        { answers: [{ text: 'once' }, { text: 'twice' }] },
        { when: { last: 'it?' }, answer: { text: 'always' } },
      ],
    };
    api.use(rules);
    const answerTo = async (body: Partial<RequestBody>) => {
      const answer = (await (await post({ ...QUESTION, ...body })).json()) as { content: { text: string }[] };
      return answer.content[0]?.text;
    };
    const task = { role: 'user', content: 'Do Task 1' };
    const later = { messages: [task, { role: 'assistant', content: 'So' }, { role: 'user', content: 'On' }] };
    expect(await answerTo({ system: 'You review plans' })).toBe('{"findings":[]}');
    expect(await answerTo(later)).toBe('second turn');
    expect(await answerTo(later)).toBe('second turn');
    expect(await answerTo({ messages: [task] })).toBe('first turn');
    expect(await answerTo({ tools: [{ name: 'ls' }] })).toBe('has tools');
    expect(await answerTo({})).toBe('once');
    expect(await answerTo({})).toBe('twice');
    expect(await answerTo({})).toBe('always');
  });

  test('rules that say nothing, or two things, are refused', () => {
    expect(() => api.use({ rules: [{}] })).toThrow(/one of answer, turns and answers/);
    expect(() => api.use({ rules: [{ answer: says('a'), answers: [says('b')] }] })).toThrow();
  });

  describe('as a process of its own', () => {
    const MAIN = 'dist/libs/testing/messages-api/main.js';
    let folder: string;
    let child: ChildProcess;

    beforeAll(async () => {
      folder = await mkdtemp(path.join(tmpdir(), 'messages-api-'));
      const rules: Rules = { rules: [{ when: { last: 'What' }, answer: { text: 'from the file' } }] };
      await writeFile(path.join(folder, 'rules.json'), JSON.stringify(rules));
      await writeFile(path.join(folder, 'script.mjs'), 'export default () => ({ text: "from the module" });');
    });

    afterEach(async () => {
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    });

    afterAll(() => rm(folder, { recursive: true, force: true }));

    test.each([
      ['--scenario', 'echo', 'You said: What is it?'],
      ['--script', 'rules.json', 'from the file'],
      ['--script', 'script.mjs', 'from the module'],
    ])('it says where it is and answers by %s %s', async (option, name, answer) => {
      const script = option === '--script' ? path.join(folder, name) : name;
      child = fork(MAIN, [option, script], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
      const ready = once(child, 'message');
      const [line] = (await once(child.stdout!, 'data')) as [Buffer];
      const url = line.toString().trim();
      expect(await ready).toMatchObject([{ type: 'ready', url }, undefined]);
      const response = await fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: HEADERS,
        body: JSON.stringify(QUESTION),
      });
      expect(await response.json()).toMatchObject({ content: [{ text: answer }] });
    });
  });
});
