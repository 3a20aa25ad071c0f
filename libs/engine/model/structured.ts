import type { z } from 'zod';
import {
  ModelFailure,
  type LlmPort,
  type ModelAnswer,
  type ModelCall,
  type ModelMessage,
  type Usage,
} from '../ports/llm.port.js';
import { outputSchemaOf } from './output-schema.js';
import { addUsage, NO_USAGE } from './usage.js';

const MAX_PROBLEMS = 20;

export interface StructuredAsk<T> {
  readonly llm: LlmPort;
  readonly call: Omit<ModelCall, 'outputSchema'>;
  readonly schema: z.ZodType<T>;
  /** What is wrong with a value of the right form, as sentences for the model. */
  readonly check?: (value: T) => readonly string[];
  /**
   * Wraps each single call to the model, for example to reserve its cost before and to book what it cost after. Sums of
   * both calls are in the result and in failures as well: book by one of them only.
   */
  readonly around?: (call: ModelCall, run: () => Promise<ModelAnswer>) => Promise<ModelAnswer>;
}

export interface Structured<T> {
  readonly value: T;
  /** Of all calls. */
  readonly usage: Usage;
  /** The answers as text: one, or two when the first was repaired. */
  readonly texts: readonly string[];
  /** As the provider names it. */
  readonly model: string;
}

/** Why an answer is none. */
export type StructuredFailureKind = 'malformed' | 'truncated' | 'refused' | 'empty';

/** Two answers in a row could not be used. */
export class StructuredFailure extends Error {
  override readonly name = 'StructuredFailure';

  /**
   * @param kind what the last answer was
   * @param texts both answers as they came
   */
  constructor(
    readonly kind: StructuredFailureKind,
    readonly problems: readonly string[],
    readonly texts: readonly string[],
    readonly usage: Usage,
  ) {
    super(`The model gave no usable answer in ${texts.length} tries: ${problems.join(' ')}`);
  }
}

interface Flaw {
  readonly kind: StructuredFailureKind;
  readonly problems: readonly string[];
}

/**
 * Asks for JSON of a schema. An answer that cannot be used is sent back once, with what is wrong with it.
 *
 * @throws StructuredFailure after the second one; ModelFailure, with what both calls have cost; the signal's reason
 */
export async function askStructured<T>(ask: StructuredAsk<T>): Promise<Structured<T>> {
  const first: ModelCall = { ...ask.call, outputSchema: outputSchemaOf(ask.schema) };
  const texts: string[] = [];
  let usage = NO_USAGE;
  let call = first;
  for (;;) {
    const answer = await send(ask, call, usage);
    usage = addUsage(usage, answer.usage);
    texts.push(textOf(answer));
    const read = readAnswer(ask, answer);
    if ('value' in read) return { value: read.value, usage, texts, model: answer.model };
    if (call !== first) throw new StructuredFailure(read.kind, read.problems, texts, usage);
    call = { ...first, messages: [...first.messages, ...repair(answer, read, first.maxOutputTokens)] };
  }
}

async function send<T>(ask: StructuredAsk<T>, call: ModelCall, before: Usage): Promise<ModelAnswer> {
  const run = () => ask.llm.call(call);
  try {
    return await (ask.around === undefined ? run() : ask.around(call, run));
  } catch (error) {
    if (!(error instanceof ModelFailure)) throw error;
    throw new ModelFailure(error.kind, error.message, addUsage(before, error.billed), error.retryAt);
  }
}

function readAnswer<T>(
  { schema, check }: StructuredAsk<T>,
  answer: ModelAnswer,
): { readonly value: T } | Flaw {
  const text = textOf(answer);
  if (answer.stop === 'refusal') return { kind: 'refused', problems: ['The model refused to answer.'] };
  if (answer.stop === 'length')
    return { kind: 'truncated', problems: ['The answer was cut off at its limit of tokens.'] };
  if (text.trim() === '') return { kind: 'empty', problems: ['The answer was empty.'] };
  const json = parsed(text);
  if (json instanceof Error)
    return { kind: 'malformed', problems: [`The answer is no JSON: ${json.message}.`] };
  const result = schema.safeParse(json.value);
  if (!result.success) return { kind: 'malformed', problems: result.error.issues.map(sentence) };
  const problems = check?.(result.data) ?? [];
  return problems.length > 0 ? { kind: 'malformed', problems } : { value: result.data };
}

function textOf({ content }: ModelAnswer): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function parsed(text: string): { readonly value: unknown } | Error {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    return error as Error;
  }
}

const sentence = (issue: z.core.$ZodIssue): string =>
  `${issue.path.length === 0 ? 'The answer' : issue.path.join('.')}: ${issue.message}.`;

/** An answer that was refused or cut off is not shown again: it would be taken up where it ended. */
function repair(answer: ModelAnswer, { kind, problems }: Flaw, limit: number): ModelMessage[] {
  const listed = problems.slice(0, MAX_PROBLEMS).map((problem) => `- ${problem}`);
  const text = [
    kind === 'malformed' ? 'This answer cannot be used:' : 'The answer to this could not be used:',
    ...listed,
    kind === 'truncated'
      ? `Answer again, whole and shorter: it must end within ${limit} tokens.`
      : 'Answer again, whole, as JSON of the schema.',
  ].join('\n');
  const user: ModelMessage = { role: 'user', content: [{ type: 'text', text }] };
  return kind === 'malformed' ? [{ role: 'assistant', content: answer.content }, user] : [user];
}
