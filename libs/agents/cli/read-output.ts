import type {
  AgentCli,
  CountedField,
  EventFailure,
  EventField,
  EventMatch,
  EventOutput,
  TextField,
  TextOutput,
} from '#contracts/agents/agent-cli.js';
import type { AgentUsage } from '#engine/ports/agent.port.js';

/** What an agent printed, understood by its entry. */
export interface AgentOutput {
  /** Its last words; null: none were found. */
  readonly message: string | null;
  readonly usage: AgentUsage;
  /** Why the run failed, as it says itself; null: it does not. */
  readonly failure: string | null;
  /** Whether it came to the end that its documentation names. */
  readonly ended: boolean;
}

type Event = Readonly<Record<string, unknown>>;

/** Reads the standard output of a run by what the entry says of it; never throws, whatever it holds. */
export function readOutput(output: AgentCli['output'], text: string): AgentOutput {
  return output.format === 'text' ? readText(output, text) : readEvents(output, text);
}

function readText(output: TextOutput, text: string): AgentOutput {
  const count = (name: CountedField) => {
    const field = output.counts[name];
    return field === undefined ? null : countIn(text, field);
  };
  const message = text.trim();
  const usage = usageOf(count, { model: null, sessionId: null });
  return { message: message === '' ? null : message, usage, failure: null, ended: true };
}

function readEvents(output: EventOutput, text: string): AgentOutput {
  const events = output.format === 'json' ? fromJson(text) : fromLines(text);
  const named = (name: 'message' | 'session' | 'model') => {
    const field = output.names[name];
    if (field === undefined) return null;
    const found = valuesOf(events, field).filter((value) => typeof value === 'string');
    return (field.take === 'joined' ? found.join('') : found.at(-1)) ?? null;
  };
  const count = (name: CountedField) => {
    const fields = output.counts[name];
    if (fields === undefined) return null;
    const found = [fields].flat().map((field) => total(valuesOf(events, field), field.take));
    return found.every((value) => value === null)
      ? null
      : found.reduce<number>((sum, value) => sum + (value ?? 0), 0);
  };
  const usage = usageOf(count, { model: named('model'), sessionId: named('session') });
  return {
    message: named('message'),
    usage: output.inputIncludesCache === true ? withoutCache(usage) : usage,
    failure: failureIn(events, output),
    ended: events.some((event) => matches(event, output.end)),
  };
}

function usageOf(
  count: (name: CountedField) => number | null,
  names: Pick<AgentUsage, 'model' | 'sessionId'>,
): AgentUsage {
  return {
    ...names,
    inputTokens: count('inputTokens'),
    outputTokens: count('outputTokens'),
    cacheReadTokens: count('cacheReadTokens'),
    cacheWriteTokens: count('cacheWriteTokens'),
    costUsd: count('costUsd'),
  };
}

function withoutCache(usage: AgentUsage): AgentUsage {
  const { inputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  if (inputTokens === null) return usage;
  return {
    ...usage,
    inputTokens: Math.max(0, inputTokens - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0)),
  };
}

/** A run may fail at something and go on: only what comes after its last end counts. */
function failureIn(events: readonly Event[], { failures, end }: EventOutput): string | null {
  const last = events.findLastIndex((event) => matches(event, end));
  for (const event of events.slice(Math.max(0, last)).reverse()) {
    const failed = failures.find((failure) => isFailure(event, failure));
    if (failed === undefined) continue;
    const reasons = reasonsIn(event, failed);
    return (
      reasons.find((reason) => typeof reason === 'string' && reason !== '')?.toString() ?? 'no reason given'
    );
  }
  return null;
}

function isFailure(event: Event, failure: EventFailure): boolean {
  if (!matches(event, failure.match)) return false;
  const { pattern } = failure;
  return (
    pattern === undefined ||
    reasonsIn(event, failure).some((reason) => new RegExp(pattern).test(String(reason)))
  );
}

function reasonsIn(event: Event, { reason }: EventFailure): unknown[] {
  return reason.flatMap((path) => at(event, path.split('.')));
}

/** One value, or the last line that is one: some print other things before it. */
function fromJson(text: string): Event[] {
  const whole = parsed(text);
  if (whole.length > 0) return whole;
  const start = text.search(/^[[{]/m);
  const rest = start < 0 ? [] : parsed(text.slice(start));
  return rest.length > 0 ? rest : fromLines(text).slice(-1);
}

function fromLines(text: string): Event[] {
  return text.split('\n').flatMap((line) => (line.trimStart().startsWith('{') ? parsed(line) : []));
}

function parsed(text: string): Event[] {
  try {
    const value: unknown = JSON.parse(text);
    return [value].flat().filter((event): event is Event => typeof event === 'object' && event !== null);
  } catch {
    return [];
  }
}

function matches(event: Event, match: EventMatch): boolean {
  return Object.entries(match).every(([path, value]) => at(event, path.split('.')).includes(value));
}

function valuesOf(events: readonly Event[], field: EventField): unknown[] {
  const path = field.path.split('.');
  return events.filter((event) => matches(event, field.in)).flatMap((event) => at(event, path));
}

/** What is at a path, where `*` is every element of a list. */
function at(value: unknown, path: readonly string[]): unknown[] {
  const [key, ...rest] = path;
  if (key === undefined) return value === undefined ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  if (key === '*') return Array.isArray(value) ? value.flatMap((element) => at(element, rest)) : [];
  return Object.hasOwn(value, key) ? at((value as Event)[key], rest) : [];
}

function total(values: readonly unknown[], take: EventField['take']): number | null {
  const numbers = values.filter(
    (value): value is number => typeof value === 'number' && Number.isFinite(value),
  );
  if (numbers.length === 0) return null;
  return take === 'sum' ? numbers.reduce((sum, value) => sum + value, 0) : (numbers.at(-1) ?? null);
}

function countIn(text: string, { pattern, take }: TextField): number | null {
  const found = [...text.matchAll(new RegExp(pattern, 'g'))].map((match) =>
    short(match.groups?.['value'] ?? ''),
  );
  return total(found, take);
}

/** `1.2k` is 1200. */
function short(text: string): number {
  const factor = { k: 1_000, M: 1_000_000 }[text.slice(-1)] ?? 1;
  const value = Number(text.replace(/[kM]$/, '').replaceAll(',', '')) * factor;
  return factor === 1 ? value : Math.round(value);
}
