import { canonicalHash } from '../canonical.js';
import type { EngineDeps } from '../deps.js';
import type { IterationOrder, PaidAnswer } from '../ports/iteration.port.js';
import { ModelFailure, type LlmPort, type ModelCall, type ModelRole, type Usage } from '../ports/llm.port.js';
import { NO_USAGE } from './usage.js';
import type { SpendPort } from '../ports/spend.port.js';
import { Fenced } from '../fenced.js';
import { record } from '../unit-of-work.js';

/** What work of a model needs. */
export interface ModelDeps extends EngineDeps {
  readonly llm: LlmPort;
  readonly spend: SpendPort;
}

/**
 * The model for one iteration: every call is reserved before and settled after it, and its answer is kept with the
 * iteration before anybody looks at it. Calls that a worker before this one made, in the same order and word for word,
 * are answered from there and cost nothing.
 *
 * @throws what the ports throw; Fenced when the iteration is not ours any more
 */
export function paidLlm(
  deps: ModelDeps,
  { id, token, planId, answers }: IterationOrder,
  role: ModelRole,
  signal: AbortSignal,
): LlmPort {
  const known = [...answers];
  const remember = async (paid: PaidAnswer): Promise<void> => {
    const kept = await record(
      deps,
      async () => {
        await deps.store.rememberAnswer({ id, token }, paid);
        return true;
      },
      signal,
    );
    if (kept === null) throw new Fenced(`iteration ${id} has ended, or is somebody else's`);
    deps.reach('generation.answered');
  };
  return {
    count: (call) => deps.llm.count(call),
    async call(call) {
      const hash = hashOf(call);
      const before = known.shift();
      if (before?.hash === hash) return before.answer;
      known.length = 0;
      const inputTokens = await deps.llm.count(call);
      const { model, maxOutputTokens: wanted } = call;
      const place = { planId, role, iterationId: id, token };
      const reservation = await deps.spend.reserve(place, { model, inputTokens, maxOutputTokens: wanted });
      let billed = NO_USAGE;
      const onBilled = (usage: Usage): void => void (billed = usage);
      try {
        const maxOutputTokens = Math.min(wanted, reservation.maxOutputTokens);
        const answer = await deps.llm.call({ ...call, maxOutputTokens, onBilled });
        await deps.spend.settle(reservation, answer.usage);
        await remember({ model: answer.model, usage: answer.usage, remembered: { hash, answer } });
        return answer;
      } catch (error) {
        if (!(error instanceof ModelFailure)) {
          // Told to stop, or the iteration is lost: what it cost by then is booked all the same.
          await deps.spend.settle(reservation, billed);
          throw error;
        }
        await deps.spend.settle(reservation, error.billed);
        await remember({ model, usage: error.billed, remembered: null });
        throw error;
      }
    },
  };
}

function hashOf({ model, effort, system, messages, tools, outputSchema }: ModelCall): string {
  return canonicalHash({ model, effort, system, messages, tools, outputSchema });
}
