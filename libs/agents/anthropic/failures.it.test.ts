import { ModelFailure, type LlmPort, type ModelCall, type Usage } from '#engine/ports/llm.port.js';
import {
  delivered,
  drops,
  failsWith,
  overloaded,
  ownLimitReached,
  rateLimited,
  says,
  spendLimited,
  staysSilent,
  usageLimited,
  usesAll,
  type Answer,
} from '#testing/messages-api/answer.js';
import { startMessagesApi, type MessagesApi } from '#testing/messages-api/messages-api.js';
import { anthropicFor, modelCall, TEST_KEY } from '#testing/messages-api/model-calls.js';
import type { Script } from '#testing/messages-api/script.js';
import type { AnthropicConfig } from './anthropic-config.js';
import { createAnthropic } from './anthropic.js';

const NOW = new Date('2031-01-01T00:00:00Z');
const USAGE = { input_tokens: 100, output_tokens: 40, cache_read_input_tokens: 7 };

describe('failures of models', () => {
  let api: MessagesApi;
  let waits: number[];
  let restarts: string[];

  beforeAll(async () => {
    api = await startMessagesApi([], { key: TEST_KEY });
  });

  beforeEach(() => {
    waits = [];
    restarts = [];
    api.calls.length = 0;
    api.aborted = 0;
  });

  afterAll(() => api.close());

  /** Waits are written down, not waited. */
  const llmWith = (more: Partial<AnthropicConfig> = {}): LlmPort =>
    createAnthropic(
      anthropicFor(api, {
        now: () => NOW,
        clock: { sleep: async (ms) => void waits.push(ms) },
        retry: { tries: 3, baseDelayMs: 100, maxDelayMs: 1_000, maxWaitMs: 60_000 },
        ...more,
      }),
    );

  const ask = (script: Script, more: Partial<ModelCall> = {}, config: Partial<AnthropicConfig> = {}) => {
    api.use(script);
    const onRestart = (reason: string) => restarts.push(reason);
    return llmWith(config).call(modelCall('Hello', { onRestart, ...more }));
  };

  const failureOf = async (script: Script, config: Partial<AnthropicConfig> = {}): Promise<ModelFailure> => {
    const failure = await ask(script, {}, config).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(ModelFailure);
    return failure as ModelFailure;
  };

  const QUICK = { timeouts: { firstByteMs: 500, idleMs: 500 } };

  test.each<[string, Answer, Partial<AnthropicConfig>]>([
    ['is overloaded', overloaded(), {}],
    ['fails inside', failsWith(500), {}],
    ['is behind a gateway that fails', failsWith(502), {}],
    ['drops the connection before the first byte', drops(), {}],
    ['never begins to answer', staysSilent(), QUICK],
    ['drops the connection in the middle', delivered(says('Half'), { end: 'drop' }), {}],
    ['ends cleanly in the middle', delivered(says('Half'), { end: 'truncate' }), {}],
    ['ends cleanly just before the end', delivered(says('Half'), { end: 'truncate', after: 6 }), {}],
    ['falls silent in the middle', delivered(says('Half'), { end: 'stall' }), QUICK],
    ['says in the middle that it is overloaded', delivered(says('Half'), { end: 'error' }), {}],
  ])('an API that %s is asked again', async (_, broken, config) => {
    const answer = await ask([broken, broken, says('Whole')], {}, config);
    expect(answer.content).toEqual([{ type: 'text', text: 'Whole' }]);
    expect(api.calls).toHaveLength(3);
    expect(restarts).toHaveLength(2);
    expect(waits).toEqual([75, 150]);
  });

  test('text that broke off comes again after a word about it', async () => {
    const heard: string[] = [];
    await ask([delivered(says('Half'), { end: 'truncate' }), says('Whole')], {
      onText: (text) => heard.push(text),
      onRestart: () => heard.push('|'),
    });
    expect(heard.join('')).toBe('Half|Whole');
  });

  test('what keeps failing is unavailable, after all tries, in a sentence that says where', async () => {
    const failure = await failureOf(() => overloaded());
    expect(api.calls).toHaveLength(3);
    expect(failure).toMatchObject({ kind: 'unavailable', retryAt: null });
    expect(failure.message).toBe(
      `The Messages API at ${new URL(api.url).host} cannot answer now (529): Overloaded. It was tried 3 times.`,
    );
  });

  test('an address where nobody answers is unavailable', async () => {
    const gone = await startMessagesApi([]);
    await gone.close();
    const failure = await failureOf([], { baseUrl: gone.url });
    expect(failure.kind).toBe('unavailable');
    expect(failure.message).toMatch(/cannot be reached \(ECONNREFUSED\)/);
  });

  test('a slow stream is no silent one: what is waited for is the next byte', async () => {
    const slowly = { delayMs: 50, chunk: 1 };
    const answer = await ask([says('Slow but sure', { delivery: slowly })], {}, QUICK);
    expect(answer.content).toEqual([{ type: 'text', text: 'Slow but sure' }]);
    expect(api.calls).toHaveLength(1);
  });

  test('a short wait that is asked for is waited, to the second, and by date as well', async () => {
    const date = new Date(NOW.getTime() + 20_000).toUTCString();
    await ask([rateLimited(12), rateLimited(date), says('Yes')]);
    expect(waits).toEqual([12_000, 20_000]);
  });

  test('without a time to wait the usual one is waited', async () => {
    await ask([rateLimited(), says('Yes')]);
    expect(waits).toEqual([75]);
  });

  test('an overloaded API that names a long time is asked again after the longest that is waited', async () => {
    await ask([{ status: 529, retryAfter: 3_600 }, says('Yes')]);
    expect(waits).toEqual([60_000]);
  });

  test('a long wait is the caller’s: a quota with its end', async () => {
    const failure = await failureOf([rateLimited(3_600)]);
    expect(failure).toMatchObject({ kind: 'quota', retryAt: new Date('2031-01-01T01:00:00Z') });
    expect(waits).toEqual([]);
  });

  test('limits that come again and again are a quota too', async () => {
    const failure = await failureOf(() => rateLimited(30));
    expect(failure).toMatchObject({ kind: 'quota', retryAt: new Date('2031-01-01T00:00:30Z') });
    expect(api.calls).toHaveLength(3);
  });

  test.each<[string, Answer, Date | null]>([
    ['an allowance', usageLimited(new Date('2031-01-01T05:00:00Z')), new Date('2031-01-01T05:00:00Z')],
    ['the spend limit of a tier', spendLimited(), null],
    ['a limit of one’s own', ownLimitReached('2031-02-01'), new Date('2031-02-01T00:00:00Z')],
    ['credit', failsWith(400, 'Your credit balance is too low to access the Anthropic API.'), null],
    ['a payment', failsWith(402, 'Payment required'), null],
  ])('%s that is used up is a quota at once', async (_, answer, retryAt) => {
    const failure = await failureOf([answer]);
    expect(failure).toMatchObject({ kind: 'quota', retryAt });
    expect(api.calls).toHaveLength(1);
  });

  test.each<[number, string | undefined, RegExp]>([
    [
      400,
      'prompt is too long: 1200000 tokens',
      /refuses the request to claude-opus-5-5 \(400\): prompt is too long/,
    ],
    [401, undefined, /^The key in ANTHROPIC_API_KEY is refused \(401\).*Set a valid key/],
    [403, undefined, /may not do this \(403\).*claude-opus-5-5/],
    [404, 'model: claude-opus-5-5', /knows no model claude-opus-5-5 \(404\).*PLANWRIGHT_MODEL/],
    [413, undefined, /larger than the Messages API takes \(413\)/],
  ])('what is refused with %d is not asked again', async (status, message, sentence) => {
    const failure = await failureOf([failsWith(status, message)]);
    expect(failure).toMatchObject({ kind: 'rejected', retryAt: null });
    expect(failure.message).toMatch(sentence);
    expect(api.calls).toHaveLength(1);
  });

  test('a refusal inside a stream is one', async () => {
    const failure = await failureOf([
      delivered(says('So'), { end: 'error', errorType: 'invalid_request_error' }),
    ]);
    expect(failure.kind).toBe('rejected');
    expect(failure.billed.inputTokens).toBeGreaterThan(0);
  });

  test('without a key nothing is asked, and the sentence names the variable', async () => {
    const failure = await failureOf([], { apiKey: null });
    expect(failure.kind).toBe('unconfigured');
    expect(failure.message).toMatch(/ANTHROPIC_API_KEY.*export ANTHROPIC_API_KEY=/);
    const { maxOutputTokens: _, ...call } = modelCall('Hello');
    await expect(llmWith({ apiKey: null }).count(call)).rejects.toMatchObject({ kind: 'unconfigured' });
    expect(api.calls).toHaveLength(0);
  });

  test.each<[string, Script]>([
    ['an error that repeats it', [failsWith(400, `The key ${TEST_KEY} is not for this.`)]],
    ['an error that repeats a part of it', [failsWith(403, `Not with sk-ant-api03-other0123456789abcdef`)]],
    ['failures that are tried again', () => failsWith(500, `Crashed with ${TEST_KEY}`)],
  ])('the key is in no message: %s', async (_, script) => {
    const failure = await failureOf(script);
    const told = [failure.message, failure.stack, JSON.stringify(failure), ...restarts].join('\n');
    expect(told).not.toMatch(/sk-ant/);
    expect(told).toContain('[redacted]');
  });

  test('nor is a key that looks like none', async () => {
    const apiKey = 'a-key-of-a-gateway';
    const open = await startMessagesApi(() => failsWith(400, `The key ${apiKey} is not for this.`));
    const failure = await failureOf([], { apiKey, baseUrl: open.url });
    await open.close();
    expect(failure.message).toContain('The key [redacted] is not for this.');
  });

  test('a count is tried again and refused like a call', async () => {
    const { maxOutputTokens: _, ...call } = modelCall('Hello');
    const wrong = createAnthropic(anthropicFor(api, { apiKey: 'sk-ant-wrong-0123456789abcdef' }));
    await expect(wrong.count(call)).rejects.toMatchObject({ kind: 'rejected' });
  });

  describe('money', () => {
    const broken = (end: 'drop' | 'truncate' | 'stall' | 'error', after: number) =>
      delivered(says('x'.repeat(100), { usage: USAGE }), { end, after });

    test('the input of every try that began is in the usage of the answer', async () => {
      const { usage } = await ask([broken('drop', 1), broken('error', 2), says('Yes', { usage: USAGE })]);
      expect(usage).toEqual({ inputTokens: 300, outputTokens: 42, cacheWriteTokens: 0, cacheReadTokens: 21 });
    });

    test('so is what was written before it broke off: judged by its length, rather too high', async () => {
      const { usage } = await ask([broken('truncate', 8), says('Yes', { usage: USAGE })]);
      // Five pieces of 20 characters, two to a token.
      expect(usage.outputTokens).toBe(50 + 40);
    });

    test('a failure says what its tries have cost', async () => {
      const failure = await failureOf(() => broken('truncate', 1));
      expect(failure.billed).toEqual({
        inputTokens: 300,
        outputTokens: 3,
        cacheWriteTokens: 0,
        cacheReadTokens: 21,
      });
    });

    test('calls that were refused before they began cost nothing', async () => {
      const { usage } = await ask([overloaded(), rateLimited(), says('Yes', { usage: USAGE })]);
      expect(usage.inputTokens).toBe(100);
    });

    test('who aborts has been told what it cost', async () => {
      const abort = new AbortController();
      const told: Usage[] = [];
      const call = ask([broken('drop', 4), broken('stall', 8)], {
        signal: abort.signal,
        onBilled: (billed) => told.push(billed),
        onText: () => api.calls.length === 2 && abort.abort(new Error('Enough')),
      });
      await expect(call).rejects.toThrow('Enough');
      expect(told.map(({ inputTokens }) => inputTokens)).toEqual([100, 100, 200, 200]);
      expect(told.at(-1)!.outputTokens).toBeGreaterThan(told.at(-2)!.outputTokens);
      await until(() => api.aborted === 1);
    });
  });

  describe('aborting', () => {
    const REASON = new Error('The attempt was cancelled');

    test.each<[string, Answer]>([
      ['before the first byte', staysSilent()],
      ['in the middle of a stream', delivered(says('So'), { end: 'stall' })],
    ])('ends a call %s, with the reason of the signal, and the connection', async (_, answer) => {
      const abort = new AbortController();
      const call = ask(() => (setImmediate(() => abort.abort(REASON)), answer), { signal: abort.signal });
      await expect(call).rejects.toBe(REASON);
      await until(() => api.aborted === 1);
      expect(api.calls).toHaveLength(1);
    });

    test('ends a wait', async () => {
      const abort = new AbortController();
      const call = ask(
        [rateLimited(60)],
        { signal: abort.signal, onRestart: () => abort.abort(REASON) },
        {
          clock: anthropicFor(api).clock,
        },
      );
      await expect(call).rejects.toBe(REASON);
      expect(api.calls).toHaveLength(1);
    });

    test('keeps a call from being made', async () => {
      await expect(ask([], { signal: AbortSignal.abort(REASON) })).rejects.toBe(REASON);
      expect(api.calls).toHaveLength(0);
    });
  });

  test('an error of the caller’s own is neither hidden nor paid for again', async () => {
    const onText = () => {
      throw new RangeError('a bug');
    };
    await expect(ask([says('Yes'), says('Yes')], { onText })).rejects.toThrow(RangeError);
    expect(api.calls).toHaveLength(1);
  });

  test('half a thought or use of a tool is none where the limit cut it; elsewhere the answer is broken', async () => {
    const half = { name: 'write', input: {}, raw: '{"text": "unfini' };
    expect(await ask([usesAll([half], { text: 'Now', stop: 'max_tokens' })])).toMatchObject({
      stop: 'length',
      content: [{ type: 'text' }],
    });
    const thought = says('', { thinking: 'So', signature: '', stop: 'max_tokens' });
    expect(await ask([thought])).toMatchObject({ stop: 'length', content: [] });
    expect(await ask([usesAll([half]), says('Yes')])).toMatchObject({ content: [{ text: 'Yes' }] });
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
