import type { PlanEventView, PlanView } from '#contracts/api/plans.js';
import type { ApiClient } from './api/client.js';

const ENDS = ['plan.generated', 'generation.failed', 'plan.cancelled'];

/**
 * Tells of every step of a generation until the plan is written, nothing came of it, or the signal aborts.
 *
 * @param asked the plan as it was when it was asked for
 */
export async function followGeneration(
  client: ApiClient,
  { id, eventSeq }: PlanView,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<PlanView> {
  const ended = new AbortController();
  // The event that this generation began with is among those before: older ones end nothing.
  const after = Math.max(0, eventSeq - 1);
  await client.follow(
    id,
    after,
    (event) => {
      const line = lineOf(event);
      if (line !== null) tell(line);
      if (ENDS.includes(event.type)) ended.abort();
    },
    AbortSignal.any([ended.signal, signal]),
  );
  return client.planPatiently(id);
}

function lineOf({ type, payload }: PlanEventView): string | null {
  const of = (name: string): string => String(payload[name]);
  switch (type) {
    case 'generation.started':
      return `${of('model')} plans …`;
    case 'generation.mapped':
      return `The repository is mapped: ${of('tokens')} tokens.`;
    case 'generation.repaired':
      return 'The first answer could not be used; the second can.';
    case 'generation.answered':
      return `An answer: ${of('phases')} phases, ${of('tasks')} tasks.`;
    case 'generation.specs_checked':
      return `Specs on the base: ${of('red')} red, ${of('green')} green, ${of('undecided')} undecided${
        payload['sentBack'] === 0 ? '.' : `; ${of('sentBack')} are asked for again.`
      }`;
    case 'generation.failed':
      return `It failed: ${of('message')}`;
    default:
      return null;
  }
}
