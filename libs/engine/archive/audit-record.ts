import type { PlanRecord } from '#contracts/archive/manifest.js';
import { standingAt } from '#domain/snapshot/standing.js';
import { TASK_DONE, type TaskStatus } from '#domain/plan/task.machine.js';
import { canonicalJson } from '#domain/canonical-json.js';

/** Something that is not as something else says that it was. */
export interface Contradiction {
  readonly place: string;
  readonly message: string;
}

/**
 * Where the rows of a plan say something else than its events: the events are chained by their hashes, the rows are not.
 */
export function contradictions(record: PlanRecord): Contradiction[] {
  const { plan, events } = record;
  const standing = standingAt(events, Infinity, plan.baseCommit);
  const found: Contradiction[] = [];
  if (standing.tip !== plan.tipCommit)
    found.push({ place: '/plan/tipCommit', message: `By its events, the plan is at ${standing.tip}.` });
  record.tasks.forEach((task, index) => {
    const done = standing.done.get(task.number);
    const isDone = TASK_DONE.includes(task.status as TaskStatus) && task.status !== 'skipped';
    const at = (field: string, message: string) =>
      found.push({
        place: `/tasks/${index}/${field}`,
        message: `Task ${plan.number}.${task.number}: ${message}`,
      });
    if (done === undefined) {
      if (isDone) at('status', `no event says that it is ${task.status}.`);
      return;
    }
    if (task.status !== done.to) at('status', `by its events it is ${done.to}.`);
    else if (task.commit !== done.commit) at('commit', `by its events it is ${done.commit ?? 'none'}.`);
    if (done.verified !== null && task.verified !== done.verified)
      at('verified', `by its events it is ${String(done.verified)}.`);
  });
  return [...found, ...untoldVerdicts(record)];
}

/** Verdicts that no event tells of as they are. */
function untoldVerdicts({ tasks, attempts, runs, events }: PlanRecord): Contradiction[] {
  const numberOf = new Map(tasks.map(({ id, number }) => [id, number]));
  const attemptOf = new Map(attempts.map(({ id, number }) => [id, number]));
  const told = new Set(
    events.flatMap(({ type, payload }) => (type === 'attempt.verified' ? [canonicalJson(payload)] : [])),
  );
  return runs.flatMap((run, index): Contradiction[] => {
    if (run.verdict === null) return [];
    const { outcome, summary, violations } = run.verdict;
    const event = {
      task: numberOf.get(run.taskId),
      attempt: attemptOf.get(run.attemptId),
      commit: run.commit,
      rebased: run.integrationId !== null,
      outcome,
      summary,
      violations: violations.slice(0, 10),
    };
    if (told.has(canonicalJson(event))) return [];
    return [{ place: `/runs/${index}/verdict`, message: 'No event tells of this verdict.' }];
  });
}
