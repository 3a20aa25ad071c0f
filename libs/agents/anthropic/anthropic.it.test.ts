import type { LlmPort, ModelAnswer, ModelMessage, ToolDefinition } from '#engine/ports/llm.port.js';
import { cutOff, empty, gives, refuses, says, uses, usesAll } from '#testing/messages-api/answer.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { anthropicFor, modelCall, TEST_KEY, userSays } from '#testing/messages-api/model-calls.js';
import type { Script } from '#testing/messages-api/script.js';
import { createAnthropic } from './anthropic.js';

const READ_FILE: ToolDefinition = {
  name: 'read_file',
  description: 'Reads a file.',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
};

describe('answers of models', () => {
  let api: MessagesApi;
  let llm: LlmPort;

  beforeAll(async () => {
    api = await startMessagesApi([], { key: TEST_KEY });
    llm = createAnthropic(anthropicFor(api));
  });

  afterAll(() => api.close());

  const answersWith = (script: Script) => {
    api.use(script);
    api.calls.length = 0;
  };

  const marks = () => JSON.stringify(api.calls.at(-1)?.body).split('"cache_control":').length - 1;

  test('text comes as it is written, and whole', async () => {
    answersWith([says('An answer of several parts.', { delivery: { chunk: 5 } })]);
    const heard: string[] = [];
    const answer = await llm.call(modelCall('Hello', { onText: (text) => heard.push(text) }));
    expect(answer).toMatchObject({
      content: [{ type: 'text', text: 'An answer of several parts.' }],
      stop: 'end',
      model: 'claude-opus-5-5',
    });
    expect(heard.length).toBeGreaterThan(3);
    expect(heard.join('')).toBe('An answer of several parts.');
  });

  test('a request is streamed, bears the key, and asks for nothing that was not set', async () => {
    answersWith([says('Yes')]);
    await llm.call(modelCall('Hello', { system: '' }));
    expect(api.calls[0]?.key).toBe(TEST_KEY);
    expect(api.calls[0]?.body).toEqual({
      model: 'claude-opus-5-5',
      max_tokens: 1_000,
      stream: true,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    });
  });

  test('effort and the form of the output are asked for where they are set', async () => {
    const schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
    answersWith([gives({})]);
    const answer = await llm.call(modelCall('Hello', { effort: 'xhigh', outputSchema: schema }));
    expect(answer.content).toEqual([{ type: 'text', text: '{}' }]);
    expect(api.calls[0]?.body.output_config).toEqual({
      effort: 'xhigh',
      format: { type: 'json_schema', schema },
    });
  });

  test('a conversation with thinking and tools goes on byte for byte', async () => {
    const thinking = 'First “look” — then\n\tact. 🙂';
    answersWith([
      usesAll(
        [
          { name: 'read_file', input: { path: 'a "quoted" — name.ts', deep: { list: [1, null, 'ü'] } } },
          { name: 'read_file', input: {} },
        ],
        { thinking, text: 'Let me see.', redactedThinking: 'c2VjcmV0', delivery: { chunk: 3 } },
      ),
      says('Done'),
    ]);
    const first = await llm.call(modelCall('Look', { tools: [READ_FILE] }));
    expect(first.stop).toBe('tools');
    expect(first.content.map(({ type }) => type)).toEqual([
      'thinking',
      'redacted_thinking',
      'text',
      'tool_use',
      'tool_use',
    ]);
    expect(first.content[3]).toMatchObject({
      input: { path: 'a "quoted" — name.ts', deep: { list: [1, null, 'ü'] } },
    });

    const second = await llm.call(modelCall('Look', { tools: [READ_FILE], messages: next(first) }));
    expect(second.content).toEqual([{ type: 'text', text: 'Done' }]);
    const sent = api.calls[1]?.body.messages[1]?.content;
    expect(sent).toMatchObject([{ type: 'thinking', thinking }, {}, {}, {}, {}]);
    expect(api.calls[1]?.body.messages[2]?.content).toMatchObject([
      { type: 'tool_result', content: 'result 0' },
      { type: 'tool_result', content: 'result 1', is_error: true },
    ]);
  });

  test('a conversation with tools is read from the cache: tools, system and its last two ends are marked', async () => {
    answersWith(({ turn }) => (turn < 4 ? uses('read_file', { path: `${turn}` }) : says('Done')));
    let messages = modelCall('Look').messages;
    for (let turn = 0; turn < 5; turn += 1) {
      const answer = await llm.call(modelCall('', { tools: [READ_FILE], messages }));
      expect(marks()).toBe(turn === 0 ? 3 : 4);
      if (answer.stop === 'tools') messages = next(answer, messages);
    }
    const { body } = api.calls[4]!;
    const marked = body.messages.map(({ content }) => JSON.stringify(content).includes('cache_control'));
    expect(marked).toEqual([false, false, false, false, false, false, true, false, true]);
  });

  test('a single question caches its system prompt only', async () => {
    answersWith([says('Yes')]);
    await llm.call(modelCall('Hello'));
    expect(marks()).toBe(1);
    expect(api.calls[0]?.body.system).toMatchObject([{ cache_control: { type: 'ephemeral' } }]);
  });

  test('what was cut off by the limit is said to be, and half a use of a tool is none', async () => {
    answersWith([cutOff('Half an ans'), refuses('No.'), empty()]);
    expect(await llm.call(modelCall('1'))).toMatchObject({
      stop: 'length',
      content: [{ text: 'Half an ans' }],
    });
    expect(await llm.call(modelCall('2'))).toMatchObject({ stop: 'refusal' });
    expect(await llm.call(modelCall('3'))).toMatchObject({ stop: 'end', content: [] });
  });

  test('usage is what the provider says, each class of tokens for itself', async () => {
    const usage = {
      input_tokens: 11,
      output_tokens: 22,
      cache_creation_input_tokens: 33,
      cache_read_input_tokens: 44,
    };
    answersWith([says('Yes', { usage })]);
    expect((await llm.call(modelCall('Hello'))).usage).toEqual({
      inputTokens: 11,
      outputTokens: 22,
      cacheWriteTokens: 33,
      cacheReadTokens: 44,
    });
  });

  test('the tokens of a call are counted as the call is sent', async () => {
    const { maxOutputTokens: _, ...call } = modelCall('x'.repeat(400), { system: 'y'.repeat(40) });
    expect(await llm.count(call)).toBe(110);
    expect(await llm.count({ ...call, tools: [READ_FILE] })).toBeGreaterThan(110);
  });
});

/** The conversation after an answer whose tools gave results; the second of them failed. */
function next(answer: ModelAnswer, before: readonly ModelMessage[] = [userSays('Look')]): ModelMessage[] {
  const uses = answer.content.filter((block) => block.type === 'tool_use');
  const results = uses.map(({ id }, index) => ({
    type: 'tool_result' as const,
    toolUseId: id,
    content: `result ${index}`,
    isError: index === 1,
  }));
  return [...before, { role: 'assistant', content: answer.content }, { role: 'user', content: results }];
}
