/**
 * The columns that decisions look at, named as they know them. Text columns hold only what their CHECKs list, and
 * those list the values of the domain's types.
 */

export const PLAN = `p.id, p.number, p.name, p.repository_id AS "repositoryId", p.status,
  p.pause_reason AS "pauseReason", p.epoch, p.base_commit AS "baseCommit", p.branch, p.tip_commit AS "tipCommit",
  p.concurrency, p.priority, p.auto_commit AS "autoCommit", p.active_tasks AS "activeTasks",
  p.open_phases AS "openPhases"`;

export const PHASE = `h.id, h.position, h.name, h.mode, h.approval, h.at_end AS "atEnd", h.concurrency, h.status,
  h.open_tasks AS "openTasks"`;

export const TASK = `t.id, t.phase_id AS "phaseId", t.number, t.title, t.status, t.effect,
  t.executor->>'kind' AS "executorKind", t.max_attempts AS "maxAttempts", t.attempt_count AS "attemptCount",
  t.open_dependencies AS "openDependencies", t.write_scope AS "writeScope", t.approved_at AS "approvedAt", t.note,
  t.approved_patch AS "approvedPatch", t.verified, t.assigned_to AS "assigneeId"`;

export const ATTEMPT = `a.id, a.task_id AS "taskId", a.number, a.status, a.epoch, a.token, a.deliveries,
  a.base_commit AS "baseCommit", a.candidate_commit AS "candidateCommit", a.patch_id AS "patchId",
  a.by_hand AS "byHand", a.lease_seconds AS "leaseSeconds"`;

export const RUN = `r.id, r.task_id AS "taskId", r.attempt_id AS "attemptId", r.integration_id AS "integrationId",
  r."commit", r.base_commit AS "baseCommit", r.status, r.epoch, r.token, r.deliveries`;

export const INTEGRATION = `i.id, i.task_id AS "taskId", i.attempt_id AS "attemptId", i.status, i.epoch, i.token,
  i.deliveries, i.candidate_commit AS "candidateCommit", i.onto_commit AS "ontoCommit",
  i.result_commit AS "resultCommit", i.patch_id AS "patchId", i.intent_token AS "intentToken",
  i.intent_old_tip AS "intentOldTip", i.intent_new_tip AS "intentNewTip"`;

/** The same columns as members of one of the row's: for rows that hold several things. */
export function membersOf(name: string, columns: string): string {
  return columns
    .split(',')
    .map((column) => {
      const [, expression, own] = /^\s*(\S+?)(?: AS "(\w+)")?\s*$/.exec(column) ?? [];
      if (expression === undefined) throw new Error(`a column cannot be read: ${column}`);
      return `${expression} AS "${name}.${own ?? expression.replace(/^\w+\./, '').replaceAll('"', '')}"`;
    })
    .join(', ');
}
