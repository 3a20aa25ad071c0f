import type Anthropic from '@anthropic-ai/sdk';
import { APIError } from '@anthropic-ai/sdk';
import { Stream } from '@anthropic-ai/sdk/core/streaming.js';
import type { ModelAnswer, ModelCall, Usage } from '#engine/ports/llm.port.js';
import { AnswerBuilder } from './answer-builder.js';
import { BrokenStream, causeOf } from './failure.js';
import { streamRequest } from './request.js';

/** How long silence is borne. */
export interface AnthropicTimeouts {
  /** Until an answer begins. */
  readonly firstByteMs: number;
  /** Between two parts of it; the provider's pings count. */
  readonly idleMs: number;
}

/** A try that gave no answer, and what it has cost nevertheless. */
export class TryFailed extends Error {
  override readonly name = 'TryFailed';

  constructor(
    override readonly cause: unknown,
    readonly billed: Usage,
  ) {
    super('A try of a model call failed');
  }
}

/**
 * Sends a call once and reads its stream to the end.
 *
 * @param onBilled told what this try costs: once its input is known, and at its end, whichever that is
 * @throws TryFailed
 */
export async function tryOnce(
  client: Anthropic,
  call: ModelCall,
  timeouts: AnthropicTimeouts,
  onBilled: (billed: Usage) => void,
): Promise<ModelAnswer> {
  const answer = new AnswerBuilder();
  const silence = new AbortController();
  try {
    const signal = AbortSignal.any([call.signal, silence.signal]);
    const response = await client.messages
      .create(streamRequest(call), { signal, timeout: timeouts.firstByteMs })
      .asResponse();
    await readEvents(response, silence, timeouts.idleMs, (event) => {
      const text = answer.take(event);
      if (text !== '') call.onText?.(text);
      if (event.type === 'message_start') onBilled(answer.billed());
    });
    return answer.finish();
  } catch (error) {
    const cause = silence.signal.aborted ? new BrokenStream('it fell silent') : error;
    throw new TryFailed(cause, answer.billed());
  } finally {
    onBilled(answer.billed());
    // Whatever is still open of the connection is of no use any more.
    silence.abort();
  }
}

/** Reads raw events: the helpers of the SDK drop the pings by which a long silence is told from a dead stream. */
async function readEvents(
  response: Response,
  silence: AbortController,
  idleMs: number,
  onEvent: (event: Anthropic.Messages.RawMessageStreamEvent) => void,
): Promise<void> {
  const watchdog = setTimeout(() => silence.abort(), idleMs);
  const events = Stream.rawEvents(response);
  try {
    for (;;) {
      const next = await events.next().catch(brokenBy);
      if (next.done === true) return;
      watchdog.refresh();
      const { event, data } = next.value;
      if (event === 'ping' || event === null || data === '') continue;
      const value = parsed(data);
      if (event === 'error') throw new APIError(undefined, value, undefined, response.headers);
      onEvent(value as Anthropic.Messages.RawMessageStreamEvent);
    }
  } finally {
    clearTimeout(watchdog);
  }
}

function brokenBy(error: unknown): never {
  throw new BrokenStream(`the connection broke (${causeOf(error)})`);
}

function parsed(data: string): object {
  try {
    return JSON.parse(data) as object;
  } catch {
    throw new BrokenStream('an event of it is no JSON');
  }
}
