import { DecisionBuilder } from '#domain/plan/decision.js';
import type { ExecutorDeps } from '../deps.js';
import { Fenced } from '../fenced.js';
import type { AgentSession, SelfCheck } from '../ports/agent-session.port.js';
import { GitRefusal } from '../ports/git-refusal.js';
import type { Workspace } from '../ports/git.port.js';
import { onPlan } from '../unit-of-work.js';
import type { AttemptOrder } from './attempt-order.js';
import type { Continuation } from './continuation.js';
import type { KeptLease } from './lease-keeper.js';
import { LiveOutput } from './live-output.js';
import { guardOfOrder } from './order-guard.js';

interface Given {
  readonly order: AttemptOrder;
  readonly lease: KeptLease;
  readonly workspace: Pick<Workspace, 'commit'>;
  readonly start: Continuation;
}

export interface OpenSession extends AgentSession {
  /** Writes what is left of the live output. */
  close(): Promise<void>;
}

const POLL_MS = 300;
/** A verifier that is busy for longer is not waited for. */
const LONGEST_JUDGEMENT_MS = 15 * 60_000;

/** What a worker does for an attempt that works on a checkout. */
export function openSession(deps: ExecutorDeps, given: Given): OpenSession {
  const { order, start } = given;
  const live = new LiveOutput(deps, order);
  const { planId, attemptId, token, repositoryId, base } = order;
  const guard = guardOfOrder(deps, order);
  return {
    planId,
    attemptId,
    token,
    repositoryId,
    base,
    failedBefore: start.context.failedBefore,
    earlier: start.context.earlier,
    scope: order.scope,
    parked: start.parked,
    say: (message, usage) => deps.store.sessions.append(order, message, usage),
    park: (words, file) => {
      const content = [{ type: 'text' as const, text: words }, ...(file === null ? [] : [file])];
      return deps.store.sessions.append(order, { role: 'assistant', content }, null);
    },
    show: (text) => live.add(text),
    refusalOfWrite: async (path) => (await guard())(path),
    verify: (signal) => verify(deps, given, signal),
    close: () => live.close(),
  };
}

/** By the verifier's own judgement of a commit that nothing else knows: the attempt cannot influence how it is made. */
async function verify(
  deps: ExecutorDeps,
  { order, lease, workspace }: Given,
  signal: AbortSignal,
): Promise<SelfCheck> {
  const { repositoryId } = order;
  const made = await workspace.commit(order.message).catch((error: unknown) => {
    if (error instanceof GitRefusal) return error;
    throw error;
  });
  if (made instanceof GitRefusal) return { kind: 'unjudged', message: made.message };
  const { commit, changed } = made;
  if (!changed) return { kind: 'unchanged' };
  if (!(await lease.isOurs())) throw new Fenced('the lease is lost');
  const id = deps.ids.next();
  const ref = `refs/planwright/judgements/${id}`;
  await deps.git.pushNew({ repositoryId, commit, ref });
  await askVerifier(deps, order, id, commit);
  const judged = await waitFor(deps, id, signal);
  if (judged === null) return { kind: 'unjudged', message: 'no verifier came to it in time' };
  await deps.git.deleteRefs({ repositoryId, refs: [{ ref, commit }] }).catch((error: unknown) => {
    deps.log.warn({ err: error, ref }, 'the ref of a judgement stays in the hub');
  });
  const { verdict, message } = judged;
  if (verdict !== null) return { kind: 'judged', verdict };
  return { kind: 'unjudged', message: message ?? 'the verifier gave no verdict' };
}

async function askVerifier(
  deps: ExecutorDeps,
  order: AttemptOrder,
  id: string,
  commit: string,
): Promise<void> {
  const { planId, taskId, attemptId, token, base: baseCommit } = order;
  await onPlan(deps, planId, async (tx) => {
    const attempt = await tx.attempt(attemptId);
    if (attempt?.status !== 'running' || attempt.token !== token) throw new Fenced('the attempt is not ours');
    await tx.addJudgement({ id, taskId, handed: commit, commit, baseCommit });
    await tx.apply(new DecisionBuilder(tx.plan).deliver('judge', id, 1).done(), deps.systemActorId);
  });
}

async function waitFor(deps: ExecutorDeps, id: string, signal: AbortSignal) {
  const begun = deps.clock.monotonic();
  for (;;) {
    signal.throwIfAborted();
    const judged = await deps.store.sessions.judged(id);
    if (judged !== null || deps.clock.monotonic() - begun > LONGEST_JUDGEMENT_MS) return judged;
    await deps.clock.sleep(POLL_MS, signal);
  }
}
