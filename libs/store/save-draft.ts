import type { Draft, DraftPhase, DraftTask } from '#domain/plan/draft.js';
import type { Ids } from '#engine/ports/ids.port.js';
import type { DraftEdit } from '#engine/ports/store.port.js';
import { actorIds } from './actors.js';
import { followTasks } from './assignments.js';
import type { SqlTx } from './sql.js';
import { addIteration, recount } from './transitions.js';

/** An edit, and when it is made. */
type DatedEdit = DraftEdit & { readonly at: Date };

/** Writes the difference of two drafts, and no row that stays as it is. */
export async function saveDraft(tx: SqlTx, planId: string, ids: Ids, edit: DatedEdit): Promise<void> {
  const before = new Map(placesOf(edit.before).map((row) => [row.task.id, row]));
  const after = placesOf(edit.after);
  const kept = new Set(after.map(({ task }) => task.id));
  const gone = [...before.keys()].filter((id) => !kept.has(id));
  if (gone.length > 0) tx.send('DELETE FROM plan_tasks WHERE id = ANY($1::uuid[])', [gone]);
  savePhases(tx, planId, edit);
  const changed = after.filter((row) => !stays(before.get(row.task.id), row));
  await saveTasks(tx, planId, ids, changed);
  // Only now: a task that moved out of such a phase must not go with it.
  const present = edit.after.phases.map(({ id }) => id);
  tx.send('DELETE FROM phases WHERE plan_id = $1 AND id <> ALL($2::uuid[])', [planId, present]);
  saveEdges(tx, edit);
  const anew = changed.filter(({ task }) => !equal(before.get(task.id)?.task.executor, task.executor));
  recount(
    tx,
    planId,
    anew.map(({ task }) => task.id),
  );
  followAssignees(tx, before, changed, edit);
  savePlan(tx, planId, ids, edit);
}

/** Whom a plan's author gives a task is told as any other assignment. */
function followAssignees(
  tx: SqlTx,
  before: ReadonlyMap<string, PlacedTask>,
  changed: readonly PlacedTask[],
  { actorId, at }: DatedEdit,
): void {
  const taskIds = changed.flatMap(({ task: { id, assignedTo } }) =>
    (before.get(id)?.task.assignedTo ?? null) === assignedTo ? [] : [id],
  );
  if (taskIds.length > 0) followTasks(tx, { taskIds }, { actorId, now: at });
}

interface PlacedTask {
  readonly task: DraftTask;
  readonly phaseId: string;
  /** 1-based within the phase. */
  readonly place: number;
}

function placesOf(draft: Draft): PlacedTask[] {
  return draft.phases.flatMap(({ id: phaseId, tasks }) =>
    tasks.map((task, index) => ({ task, phaseId, place: index + 1 })),
  );
}

/** Edits copy only what they change: most tasks are the same object. */
function stays(before: PlacedTask | undefined, after: PlacedTask): boolean {
  if (before?.phaseId !== after.phaseId || before.place !== after.place) return false;
  return before.task === after.task || equal(before.task, after.task);
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function savePhases(tx: SqlTx, planId: string, { before, after }: DraftEdit): void {
  const old = new Map(before.phases.map((phase, index) => [phase.id, phaseRow(phase, index)]));
  const changed = after.phases.map(phaseRow).filter((row) => !equal(old.get(row.id), row));
  // Positions are unique: everything moves out of the way before anything takes its new one.
  const present = new Set(after.phases.map((phase) => phase.id));
  const away = [...changed, ...before.phases.filter(({ id }) => !present.has(id))].map(({ id }) => id);
  if (away.length > 0) tx.send('UPDATE phases SET position = -position WHERE id = ANY($1::uuid[])', [away]);
  if (changed.length > 0) tx.send(SAVE_PHASES, [planId, JSON.stringify(changed)]);
}

function phaseRow({ tasks: _, ...phase }: DraftPhase, index: number) {
  return { ...phase, position: index + 1 };
}

const SAVE_PHASES = `
  INSERT INTO phases (id, plan_id, status, position, name, description, mode, approval, at_end, concurrency,
                      success_criteria)
  SELECT v.id, $1::uuid, 'pending', v.position, v.name, v.description, v.mode, v.approval, v."atEnd", v.concurrency,
         v."successCriteria"
    FROM jsonb_to_recordset($2::jsonb)
      AS v(id uuid, position int, name text, description text, mode text, approval text, "atEnd" text,
           concurrency int, "successCriteria" jsonb)
  ON CONFLICT (id) DO UPDATE
     SET position = excluded.position, name = excluded.name, description = excluded.description, mode = excluded.mode,
         approval = excluded.approval, at_end = excluded.at_end, concurrency = excluded.concurrency,
         success_criteria = excluded.success_criteria`;

async function saveTasks(tx: SqlTx, planId: string, ids: Ids, tasks: readonly PlacedTask[]): Promise<void> {
  if (tasks.length === 0) return;
  const actors = await actorIds(
    tx,
    ids,
    tasks.flatMap(({ task }) => task.assignedTo ?? []),
  );
  const rows = [];
  for (const { task, ...place } of tasks) {
    const { spec, assignedTo, ...fields } = task;
    const specId = spec === null ? null : await saveSpec(tx, planId, ids, spec);
    rows.push({
      ...fields,
      ...place,
      specId,
      assignedTo: assignedTo === null ? null : actors.get(assignedTo),
    });
  }
  tx.send(SAVE_TASKS, [planId, JSON.stringify(rows)]);
}

/** Who let a task start let that one start, and no other. */
const SAME_WORK = `(t.prompt, t.executor, t.effect, t.may_change, t.supersedes, t.needs, t.profile, t.spec_id)
              IS NOT DISTINCT FROM
              (excluded.prompt, excluded.executor, excluded.effect, excluded.may_change, excluded.supersedes,
               excluded.needs, excluded.profile, excluded.spec_id)`;

/** Suggestions that earlier releases stored say no needs. */
const SAVE_TASKS = `
  INSERT INTO plan_tasks AS t (id, plan_id, phase_id, place, number, key, title, prompt, status, executor, written_by, effect,
                          assigned_to, may_change, write_scope, supersedes, needs, profile, spec_id, max_attempts)
  SELECT v.id, $1::uuid, v."phaseId", v.place, v.number, v.key, v.title, v.prompt, 'pending', v.executor, v."writtenBy", v.effect,
         v."assignedTo", v."mayChange", v.writes, v.supersedes, coalesce(v.needs, '[]'), v.profile, v."specId",
         v."maxAttempts"
    FROM jsonb_to_recordset($2::jsonb)
      AS v(id uuid, "phaseId" uuid, place int, number int, key text, title text, prompt text, executor jsonb,
           "writtenBy" text, effect text, "assignedTo" uuid, "mayChange" jsonb, writes jsonb, supersedes jsonb,
           needs jsonb, profile text, "specId" uuid, "maxAttempts" int)
  ON CONFLICT (id) DO UPDATE
     SET phase_id = excluded.phase_id, place = excluded.place, key = excluded.key, title = excluded.title,
         prompt = excluded.prompt, executor = excluded.executor, written_by = excluded.written_by, effect = excluded.effect,
         assigned_to = excluded.assigned_to, may_change = excluded.may_change, write_scope = excluded.write_scope,
         supersedes = excluded.supersedes, needs = excluded.needs, profile = excluded.profile,
         spec_id = excluded.spec_id, max_attempts = excluded.max_attempts,
         approved_by = CASE WHEN ${SAME_WORK} THEN t.approved_by END,
         approved_at = CASE WHEN ${SAME_WORK} THEN t.approved_at END,
         announced_at = CASE WHEN t.executor = excluded.executor THEN t.announced_at END`;

/** Specs are rows of their own and never change: another text is another row. */
async function saveSpec(
  tx: SqlTx,
  planId: string,
  ids: Ids,
  { yaml, hash }: { yaml: string; hash: string },
): Promise<string> {
  const [known] = await tx.rows<{ id: string }>(
    'SELECT id FROM plan_specs WHERE plan_id = $1 AND hash = $2 AND spec_yaml = $3 LIMIT 1',
    [planId, hash, yaml],
  );
  if (known !== undefined) return known.id;
  const id = ids.next();
  tx.send(
    `INSERT INTO plan_specs (id, plan_id, spec_yaml, spec_type, hash) VALUES ($1, $2, $3, 'strict', $4)`,
    [id, planId, yaml, hash],
  );
  return id;
}

function saveEdges(tx: SqlTx, { edges: { gone, set } }: DraftEdit): void {
  if (gone.length > 0) tx.send(DELETE_EDGES, [JSON.stringify(gone)]);
  if (set.length > 0) tx.send(SAVE_EDGES, [JSON.stringify(set)]);
}

const EDGES = `jsonb_to_recordset($1::jsonb) AS v(task uuid, "dependsOn" uuid, kind text)`;

const DELETE_EDGES = `
  DELETE FROM task_dependencies d USING ${EDGES} WHERE d.task_id = v.task AND d.depends_on_id = v."dependsOn"`;

const SAVE_EDGES = `
  INSERT INTO task_dependencies (task_id, depends_on_id, kind) SELECT v.task, v."dependsOn", v.kind FROM ${EDGES}
  ON CONFLICT (task_id, depends_on_id) DO UPDATE SET kind = excluded.kind`;

function savePlan(tx: SqlTx, planId: string, ids: Ids, edit: DraftEdit): void {
  const { after, changes, summary, actorId } = edit;
  const highest = Math.max(0, ...placesOf(after).map(({ task }) => task.number));
  const { phases: _, ...columns } = after;
  tx.send(
    `UPDATE plans w
        SET name = v.name, description = v.description, metadata = v.metadata, target_branch = v.target,
            concurrency = v.concurrency, priority = v.priority, auto_commit = v."autoCommit", budget = v.budget, setup = v.setup,
            max_attempts = v."maxAttempts", task_counter = greatest(w.task_counter, $3::int),
            open_phases = (SELECT count(*) FROM phases h
                            WHERE h.plan_id = $1 AND h.status NOT IN ('completed', 'skipped')),
            revision = w.revision + 1
       FROM jsonb_to_record($2::jsonb)
         AS v(name text, description text, metadata jsonb, target text, concurrency int, priority int,
              "autoCommit" boolean, budget jsonb, setup jsonb, "maxAttempts" int)
      WHERE w.id = $1`,
    [planId, JSON.stringify(columns), highest],
  );
  if (edit.ofIteration === true) return;
  addIteration(tx, planId, { id: ids.next(), kind: 'edit', actorId, summary, changes });
}
