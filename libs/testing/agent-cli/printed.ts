/** What each agent prints at its end, as its documentation shows it. Nothing is imported: it runs by itself. */

/** What a run used, and which session it was. */
export const USED = {
  session: '0199a213-81c0-7800-8aa1-bbab2a035a53',
  model: 'model-1',
  /** Not read from a cache. */
  input: 1_200,
  output: 340,
  cacheRead: 5_000,
  cacheWrite: 70,
  cost: 0.0425,
} as const;

const { session, model, input, output, cacheRead, cacheWrite, cost } = USED;

/** The output of a run that ended with a message, or failed for a reason. */
export type Printer = (message: string, failure: string | null) => string;

const lines = (...events: readonly unknown[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('');

const anthropicUsage = {
  input_tokens: input,
  output_tokens: output,
  cache_read_input_tokens: cacheRead,
  cache_creation_input_tokens: cacheWrite,
};

/** The shape that several have from one another. */
const result = (message: string, failure: string | null, more: object = {}) => ({
  type: 'result',
  subtype: failure === null ? 'success' : 'error_during_execution',
  is_error: failure !== null,
  duration_ms: 5_657,
  num_turns: 2,
  result: failure ?? message,
  session_id: session,
  ...more,
});

export const PRINTERS: Readonly<Record<string, Printer>> = {
  claude: (message, failure) =>
    lines(
      { type: 'system', subtype: 'init', session_id: session, model, tools: ['Bash'], cwd: '/' },
      {
        type: 'assistant',
        message: { role: 'assistant', content: [{ type: 'text', text: message }], usage: anthropicUsage },
        parent_tool_use_id: null,
        session_id: session,
      },
      result(message, failure, { total_cost_usd: cost, usage: anthropicUsage, modelUsage: {} }),
    ),
  codex: (message, failure) =>
    lines(
      { type: 'thread.started', thread_id: session },
      { type: 'turn.started' },
      { type: 'item.completed', item: { id: 'item_0', type: 'reasoning', text: 'hm' } },
      { type: 'item.completed', item: { id: 'item_1', type: 'agent_message', text: message } },
      failure === null
        ? {
            type: 'turn.completed',
            usage: { input_tokens: input + cacheRead, cached_input_tokens: cacheRead, output_tokens: output },
          }
        : { type: 'turn.failed', error: { message: failure } },
    ),
  gemini: (message, failure) =>
    lines(
      { type: 'init', timestamp: 't', session_id: session, model },
      { type: 'message', timestamp: 't', role: 'user', content: 'the prompt' },
      { type: 'message', timestamp: 't', role: 'assistant', content: message.slice(0, 4), delta: true },
      { type: 'message', timestamp: 't', role: 'assistant', content: message.slice(4), delta: true },
      {
        type: 'result',
        timestamp: 't',
        status: failure === null ? 'success' : 'error',
        ...(failure === null ? {} : { error: { type: 'Error', message: failure } }),
        stats: {
          total_tokens: input + cacheRead + output,
          input_tokens: input + cacheRead,
          output_tokens: output,
          cached: cacheRead,
          input,
          duration_ms: 10,
          tool_calls: 1,
        },
      },
    ),
  opencode: (message, failure) =>
    failure === null
      ? lines(
          { type: 'step_start', timestamp: 1, sessionID: session, part: { type: 'step-start' } },
          { type: 'text', timestamp: 2, sessionID: session, part: { type: 'text', text: message } },
          {
            type: 'step_finish',
            timestamp: 3,
            sessionID: session,
            part: {
              type: 'step-finish',
              tokens: {
                input,
                output: output - 40,
                reasoning: 40,
                cache: { read: cacheRead, write: cacheWrite },
              },
              cost,
            },
          },
        )
      : lines({
          type: 'error',
          timestamp: 1,
          sessionID: session,
          error: { name: 'APIError', data: { message: failure } },
        }),
  aider: (message, failure) =>
    `${failure ?? message}\n\nTokens: 1.2k sent, 70 cache write, 5.0k cache hit, 340 received. Cost: $0.0425 message, $${cost} session.\n`,
  copilot: (message, failure) =>
    lines(
      { type: 'assistant.turn_start', data: { turnId: '0' } },
      ...(failure === null
        ? [{ type: 'assistant.message', data: { content: message, outputTokens: output } }]
        : [{ type: 'session.error', data: { errorType: 'query', message: failure } }]),
      {
        type: 'result',
        sessionId: session,
        exitCode: failure === null ? 0 : 1,
        usage: { premiumRequests: 1 },
      },
    ),
  cursor: (message, failure) => lines(result(message, failure, { request_id: 'r-1' })),
  goose: (message, failure) =>
    lines(
      {
        type: 'message',
        message: { role: 'assistant', created: 0, content: [{ type: 'text', text: message.slice(0, 3) }] },
      },
      {
        type: 'message',
        message: { role: 'assistant', created: 0, content: [{ type: 'text', text: message.slice(3) }] },
      },
      ...(failure === null ? [] : [{ type: 'error', error: failure }]),
      {
        type: 'complete',
        total_tokens: input + cacheRead + cacheWrite + output,
        input_tokens: input + cacheRead + cacheWrite,
        output_tokens: output,
        cache_read_input_tokens: cacheRead,
        cache_write_input_tokens: cacheWrite,
        cost_usd: cost,
      },
    ),
  amp: (message, failure) =>
    lines(
      { type: 'system', subtype: 'init', cwd: '/', session_id: session, tools: [], mcp_servers: [] },
      {
        type: 'assistant',
        session_id: session,
        message: { role: 'assistant', content: [{ type: 'text', text: message }], usage: anthropicUsage },
      },
      result(message, failure),
    ),
  qwen: (message, failure) =>
    lines(
      { type: 'system', subtype: 'session_start', uuid: 'u', session_id: session, model },
      result(message, failure, {
        usage: { input_tokens: input + cacheRead, output_tokens: output, cache_read_input_tokens: cacheRead },
      }),
    ),
  droid: (message, failure) => `${JSON.stringify(result(message, failure), null, 2)}\n`,
  cline: (message, failure) =>
    lines(
      { ts: 't', type: 'agent_event', event: { type: 'content_end', contentType: 'text', text: message } },
      {
        ts: 't',
        type: 'run_result',
        finishReason: failure === null ? 'completed' : 'error',
        iterations: 1,
        usage: {
          inputTokens: input + cacheRead + cacheWrite,
          outputTokens: output,
          cacheReadTokens: cacheRead,
          cacheWriteTokens: cacheWrite,
          totalCost: cost,
        },
        text: failure ?? message,
        model: { id: model },
      },
    ),
};

/** Those of plain text say what they have to say. */
export const plain: Printer = (message, failure) => `${failure ?? message}\n`;
