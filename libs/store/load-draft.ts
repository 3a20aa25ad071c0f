import type { Draft, DraftPhase, DraftTask } from '#domain/plan/draft.js';
import type { EditState, TaskStanding } from '#domain/plan/editable.js';
import type { PhaseStatus } from '#domain/plan/phase.machine.js';
import type { StoredDraft } from '#engine/ports/store.port.js';
import { groupBy } from './group-by.js';
import type { SqlTx } from './sql.js';

type PlanRow = Omit<Draft, 'phases'> &
  EditState['plan'] & { readonly revision: number; readonly taskCounter: number };
type PhaseRow = Omit<DraftPhase, 'tasks'> & { readonly status: PhaseStatus };
type TaskRow = Omit<DraftTask, 'spec' | 'dependsOn'> &
  TaskStanding & {
    readonly phaseId: string;
    readonly specYaml: string | null;
    readonly specHash: string | null;
  };
interface EdgeRow {
  readonly taskId: string;
  readonly key: string;
}

/** Reads a plan as edits and exports see it. The caller holds the plan's lock, or wants one consistent read. */
export async function loadDraft(tx: SqlTx, planId: string): Promise<StoredDraft> {
  const [plans, phases, tasks, edges] = await Promise.all([
    tx.rows<PlanRow>(PLAN, [planId]),
    tx.rows<PhaseRow>(PHASES, [planId]),
    tx.rows<TaskRow>(TASKS, [planId]),
    tx.rows<EdgeRow>(EDGES, [planId]),
  ]);
  const [plan] = plans;
  if (plan === undefined) throw new Error(`there is no plan ${planId}`);
  const dependencies = groupBy(edges, ({ taskId }) => taskId);
  const tasksOf = groupBy(tasks, ({ phaseId }) => phaseId);
  const { revision, taskCounter, number, status, activeTasks, ...columns } = plan;
  const draft: Draft = {
    ...columns,
    phases: phases.map(({ status: _, ...phase }) => ({
      ...phase,
      tasks: (tasksOf.get(phase.id) ?? []).map((row) =>
        toTask(
          row,
          (dependencies.get(row.id) ?? []).map(({ key }) => key),
        ),
      ),
    })),
  };
  const state: EditState = {
    plan: { number, status, activeTasks },
    phases: new Map(phases.map((phase) => [phase.id, phase.status])),
    tasks: new Map(tasks.map((task) => [task.id, { status: task.status, attempts: task.attempts }])),
  };
  return { draft, revision, nextTaskNumber: taskCounter + 1, state };
}

function toTask(
  { phaseId: _, status: __, attempts: ___, specYaml, specHash, ...row }: TaskRow,
  dependsOn: readonly string[],
): DraftTask {
  const spec = specYaml === null || specHash === null ? null : { yaml: specYaml, hash: specHash };
  return { ...row, spec, dependsOn };
}

const PLAN = `
  SELECT name, description, metadata, target_branch AS target, concurrency, priority, auto_commit AS "autoCommit",
         budget, setup, max_attempts AS "maxAttempts", revision, task_counter AS "taskCounter", number, status,
         active_tasks AS "activeTasks"
    FROM plans WHERE id = $1`;

const PHASES = `
  SELECT id, name, description, mode, approval, at_end AS "atEnd", concurrency, success_criteria AS "successCriteria",
         status
    FROM phases WHERE plan_id = $1 ORDER BY position`;

const TASKS = `
  SELECT t.id, t.phase_id AS "phaseId", t.number, t.key, t.title, t.prompt, t.executor, t.written_by AS "writtenBy", t.effect,
         a.name AS "assignedTo", t.may_change AS "mayChange", t.write_scope AS writes, t.supersedes, t.needs, t.profile,
         t.max_attempts AS "maxAttempts", s.spec_yaml AS "specYaml", s.hash AS "specHash",
         t.status, t.attempt_count AS attempts
    FROM plan_tasks t LEFT JOIN plan_specs s ON s.id = t.spec_id LEFT JOIN actors a ON a.id = t.assigned_to
   WHERE t.plan_id = $1 ORDER BY t.place, t.number`;

const EDGES = `
  SELECT d.task_id AS "taskId", o.key
    FROM task_dependencies d JOIN plan_tasks o ON o.id = d.depends_on_id
   WHERE o.plan_id = $1 AND d.kind = 'explicit' ORDER BY o.number`;
