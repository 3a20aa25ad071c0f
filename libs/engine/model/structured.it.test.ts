import { z } from 'zod';
import { createAnthropic } from '#agents/anthropic/anthropic.js';
import { ModelFailure, type ModelAnswer } from '#engine/ports/llm.port.js';
import {
  cutOff,
  empty,
  failsWith,
  gives,
  malformed,
  refuses,
  type Answer,
} from '#testing/messages-api/answer.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { anthropicFor, modelCall } from '#testing/messages-api/model-calls.js';
import type { Script } from '#testing/messages-api/script.js';
import { askStructured, StructuredFailure, type StructuredAsk } from './structured.js';

const SCHEMA = z.strictObject({ summary: z.string().min(1), size: z.number().int().max(10) });
const GOOD = { summary: 'Good', size: 3 };
const USAGE = { input_tokens: 100, output_tokens: 10 };
const TWICE = { inputTokens: 200, outputTokens: 20, cacheWriteTokens: 0, cacheReadTokens: 0 };

describe('structured answers', () => {
  let api: MessagesApi;

  beforeAll(async () => {
    api = await startMessagesApi([]);
  });

  afterAll(() => api.close());

  const ask = (script: Script, more: Partial<StructuredAsk<z.infer<typeof SCHEMA>>> = {}) => {
    api.use(script);
    api.calls.length = 0;
    return askStructured({
      llm: createAnthropic(anthropicFor(api)),
      call: modelCall('What is it?', { maxOutputTokens: 500 }),
      schema: SCHEMA,
      ...more,
    });
  };

  const failureOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  /** What the model is told in the second call. */
  const told = () => api.calls[1]!.last;

  test('a good answer is a value after one call', async () => {
    const result = await ask([gives(GOOD, { usage: USAGE })]);
    expect(result).toEqual({
      value: GOOD,
      usage: { inputTokens: 100, outputTokens: 10, cacheWriteTokens: 0, cacheReadTokens: 0 },
      texts: [JSON.stringify(GOOD)],
      model: 'claude-opus-5-5',
    });
    expect(api.calls[0]?.body.output_config?.format?.schema).toMatchObject({ additionalProperties: false });
  });

  test.each<[string, Answer, string, number]>([
    ['no JSON', malformed('{"summary": "Go', { usage: USAGE }), 'The answer is no JSON', 3],
    ['of another form', gives({ summary: '' }, { usage: USAGE }), '- size: Invalid input', 3],
    ['beyond a limit', gives({ summary: 'Big', size: 11 }, { usage: USAGE }), '- size: Too big', 3],
    ['cut off', cutOff('{"summary": "Go', { usage: USAGE }), 'must end within 500 tokens', 2],
    ['a refusal', refuses('No.', { usage: USAGE }), 'refused to answer', 2],
    ['empty', empty({ usage: USAGE }), 'The answer was empty', 2],
  ])('an answer that is %s is repaired once, with what is wrong', async (_, bad, problem, messages) => {
    const result = await ask([bad, gives(GOOD, { usage: USAGE })]);
    expect(result.value).toEqual(GOOD);
    expect(result.usage).toEqual(TWICE);
    expect(result.texts).toHaveLength(2);
    expect(told()).toContain(problem);
    expect(api.calls[1]?.body.messages).toHaveLength(messages);
  });

  test('the thinking of an answer that is sent back is kept', async () => {
    await ask([malformed('{', { thinking: 'Hm — well' }), gives(GOOD)]);
    expect(api.calls[1]?.body.messages[1]?.content).toMatchObject([
      { type: 'thinking', thinking: 'Hm — well' },
      { type: 'text', text: '{' },
    ]);
  });

  test('what only the caller can see to be wrong is repaired too', async () => {
    const check = ({ size }: { size: number }) => (size < 3 ? ['The size must fit the plan.'] : []);
    const result = await ask([gives({ summary: 'Small', size: 1 }), gives(GOOD)], { check });
    expect(result.value).toEqual(GOOD);
    expect(told()).toContain('- The size must fit the plan.');
  });

  test.each<[Answer, StructuredFailure['kind']]>([
    [malformed('{"b'), 'malformed'],
    [cutOff('{"c'), 'truncated'],
    [refuses('No.'), 'refused'],
    [empty(), 'empty'],
  ])('two bad answers are a failure with both of them: %j', async (second, kind) => {
    const failure = await failureOf(
      ask([malformed('{"a', { usage: USAGE }), { ...second, usage: USAGE } as Answer]),
    );
    expect(failure).toBeInstanceOf(StructuredFailure);
    expect(failure).toMatchObject({ kind, usage: TWICE });
    expect((failure as StructuredFailure).texts[0]).toBe('{"a');
    expect((failure as StructuredFailure).texts).toHaveLength(2);
    expect(api.calls).toHaveLength(2);
  });

  test('a call that fails is no answer: nothing is repaired, and what the first one cost is not lost', async () => {
    const failure = await failureOf(ask([malformed('{', { usage: USAGE }), failsWith(401)]));
    expect(failure).toBeInstanceOf(ModelFailure);
    expect(failure).toMatchObject({ kind: 'rejected', billed: { inputTokens: 100, outputTokens: 10 } });
  });

  test('each call goes through the hook, which may forbid it', async () => {
    const seen: [number, ModelAnswer['usage']][] = [];
    await ask([malformed('{', { usage: USAGE }), gives(GOOD, { usage: USAGE })], {
      around: async (call, run) => {
        const answer = await run();
        seen.push([call.messages.length, answer.usage]);
        return answer;
      },
    });
    expect(seen.map(([messages, { inputTokens }]) => [messages, inputTokens])).toEqual([
      [1, 100],
      [3, 100],
    ]);
    const forbids = () => Promise.reject(new Error('The budget is used up'));
    await expect(ask([gives(GOOD)], { around: forbids })).rejects.toThrow('The budget is used up');
    expect(api.calls).toHaveLength(0);
  });
});
