import type { ExecutorDeps } from '../deps.js';
import type { ParkedSession } from '../ports/agent-session.port.js';
import type { EarlierSession, SessionContext } from '../ports/session-store.port.js';
import type { AttemptOrder } from './attempt-order.js';

/** How an attempt begins. */
export interface Continuation {
  readonly context: SessionContext;
  readonly parked: ParkedSession | null;
  /** The commit whose files its workspace begins with; null: its base. */
  readonly files: string | null;
}

const FROM_THE_START: Continuation = {
  context: { failedBefore: 0, earlier: [], session: null },
  parked: null,
  files: null,
};

/**
 * An attempt before this one may have been stopped by a question, by a limit of money or with its worker: what it said
 * and did is not paid for twice. Where its work does not fit the tip any more, or its transcript was cut, the attempt
 * begins afresh; a question and its answer are in what it is given.
 */
export async function continuationOf(deps: ExecutorDeps, order: AttemptOrder): Promise<Continuation> {
  if (!hasSession(order.executor)) return FROM_THE_START;
  const { sessions } = deps.store;
  const context = await sessions.context(order.attemptId);
  const { session } = context;
  const afresh = { context, parked: null, files: null };
  if (session === null || !goesOn(session, order)) return afresh;
  const files = await filesOnTip(deps, order, session);
  if (files === null) return afresh;
  const messages = await sessions.goOn(order, session.attemptId);
  const { number: attempt, answer } = session;
  return { context, parked: { attempt, messages, answer }, files };
}

/** Whether what it said and did before can be gone on with. */
export function hasSession({ kind }: AttemptOrder['executor']): boolean {
  return kind === 'claude' || kind === 'agent';
}

function goesOn(
  { isWhole, wasReturned, answer, failure, prompt }: EarlierSession,
  { input }: AttemptOrder,
): boolean {
  if (!isWhole || prompt !== input.task.prompt) return false;
  return answer !== null || wasReturned || failure === 'budget' || failure === 'quota';
}

/** Null: what was left conflicts with what landed since, or is gone. */
async function filesOnTip(
  deps: ExecutorDeps,
  { repositoryId, base: onto, message }: AttemptOrder,
  { leftCommit: candidate, attemptId }: EarlierSession,
): Promise<string | null> {
  if (candidate === null) return onto;
  try {
    const result = await deps.git.rebase({ repositoryId, candidate, onto, message });
    return result.kind === 'clean' ? result.commit : null;
  } catch (error) {
    deps.log.warn({ err: error, attempt: attemptId }, 'what a parked attempt left cannot be had');
    return null;
  }
}
