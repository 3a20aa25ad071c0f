import type { Ids } from '#engine/ports/ids.port.js';
import type { NewPlan } from '#engine/ports/new-plan.js';
import { actorIds } from './actors.js';
import { followTasks } from './assignments.js';
import { appendEvents } from './events.js';
import type { Sql } from './sql.js';
import { writePlan } from './transitions.js';

/** Writes a validated plan with everything below it in one transaction; it is `ready` to start, or a draft. */
export async function createPlan(sql: Sql, plan: NewPlan, ids: Ids): Promise<{ id: string; number: number }> {
  return sql.transaction(async (tx) => {
    const [head] = await tx.rows<{ number: string; now: Date }>(HEAD, [plan.id]);
    if (head === undefined) throw new Error('the database gave no number');
    const { id: planId, actorId, name } = plan;
    const number = Number(head.number);
    const actors = await actorIds(
      tx,
      ids,
      plan.phases.flatMap(({ tasks }) => tasks.flatMap(({ assignedTo }) => assignedTo ?? [])),
    );
    const rows = structureRows(plan, ids, actors);
    const { phases: _, edges: __, ...columns } = plan;
    const row = {
      status: 'ready',
      ...columns,
      number,
      branch: branchName(number, name),
      openPhases: rows.phases.length,
    };
    tx.send(INSERT_PLAN, [JSON.stringify({ ...row, taskCounter: rows.tasks.length })]);
    const insert = (statement: string, of: readonly object[]) => {
      if (of.length > 0) tx.send(statement, [planId, JSON.stringify(of)]);
    };
    insert(INSERT_PHASES, rows.phases);
    insert(INSERT_SPECS, rows.specs);
    insert(INSERT_TASKS, rows.tasks);
    insert(INSERT_EDGES, plan.edges);
    if (actors.size > 0) followTasks(tx, { planId }, { actorId, now: head.now });
    tx.send(INSERT_ITERATION, [ids.next(), planId, actorId, `Plan created: ${name}`]);
    const chain = appendEvents(tx, {
      planId,
      chain: { seq: 0, hash: '' },
      events: [{ type: 'plan.created', payload: { name, base: plan.baseCommit, tasks: rows.tasks.length } }],
      actorId,
      at: head.now,
    });
    writePlan({ tx, planId, now: head.now }, { plan: [], tip: [], counters: [] }, chain);
    return { id: planId, number };
  });
}

interface StructureRows {
  readonly phases: readonly object[];
  readonly specs: readonly object[];
  readonly tasks: readonly object[];
}

function structureRows(plan: NewPlan, ids: Ids, actors: ReadonlyMap<string, string>): StructureRows {
  const waits = new Map(plan.phases.flatMap(({ tasks }) => tasks.map(({ key }) => [key, 0])));
  for (const { task, dependsOn } of plan.edges) {
    for (const key of [task, dependsOn]) if (!waits.has(key)) throw new Error(`no task has the key "${key}"`);
    waits.set(task, (waits.get(task) ?? 0) + 1);
  }
  const specs: object[] = [];
  const tasks: object[] = [];
  const phases = plan.phases.map(({ tasks: own, ...phase }, index) => {
    const phaseId = ids.next();
    for (const [place, { spec, assignedTo, ...task }] of own.entries()) {
      const specId = spec === null ? null : ids.next();
      if (spec !== null) specs.push({ id: specId, ...spec });
      tasks.push({
        ...task,
        id: ids.next(),
        phaseId,
        specId,
        place: place + 1,
        number: tasks.length + 1,
        assignedTo: assignedTo === null ? null : actors.get(assignedTo),
        openDependencies: waits.get(task.key) ?? 0,
      });
    }
    return { ...phase, id: phaseId, position: index + 1, openTasks: own.length };
  });
  return { phases, specs, tasks };
}

/** Nobody else has the plan yet, so that of none of its rows it is asked whether it is archived (as in `lock-plan.ts`). */
const HEAD = `
  SELECT nextval(pg_get_serial_sequence('plans', 'number')) AS number, clock_timestamp() AS now,
         set_config('planwright.open_plan', $1::uuid::text, true) AS opened`;

const INSERT_PLAN = `
  INSERT INTO plans (id, number, repository_id, name, description, metadata, status, base_branch, base_commit,
                     target_branch, branch, tip_commit, concurrency, priority, auto_commit, budget, setup,
                     max_attempts, open_phases, task_counter, warnings, created_by)
  SELECT v.id, v.number, v."repositoryId", v.name, v.description, v.metadata, v.status, v."baseBranch", v."baseCommit",
         v."targetBranch", v.branch, v."baseCommit", v.concurrency, v.priority, v."autoCommit", v.budget, v.setup,
         v."maxAttempts", v."openPhases", v."taskCounter", v.warnings, v."actorId"
    FROM jsonb_to_record($1::jsonb)
      AS v(id uuid, number int, "repositoryId" uuid, name text, description text, status text, metadata jsonb, "baseBranch" text,
           "baseCommit" text, "targetBranch" text, branch text, concurrency int, priority int, "autoCommit" boolean,
           budget jsonb, setup jsonb, "maxAttempts" int, "openPhases" int, "taskCounter" int, warnings jsonb, "actorId" uuid)`;

const INSERT_PHASES = `
  INSERT INTO phases (id, plan_id, position, name, description, mode, approval, at_end, concurrency, success_criteria,
                      status, open_tasks)
  SELECT v.id, $1::uuid, v.position, v.name, v.description, v.mode, v.approval, v."atEnd", v.concurrency,
         v."successCriteria", 'pending', v."openTasks"
    FROM jsonb_to_recordset($2::jsonb)
      AS v(id uuid, position int, name text, description text, mode text, approval text, "atEnd" text,
           concurrency int, "successCriteria" jsonb, "openTasks" int)`;

const INSERT_SPECS = `
  INSERT INTO plan_specs (id, plan_id, spec_yaml, spec_type, hash)
  SELECT v.id, $1::uuid, v.yaml, 'strict', v.hash FROM jsonb_to_recordset($2::jsonb) AS v(id uuid, yaml text, hash text)`;

const INSERT_TASKS = `
  INSERT INTO plan_tasks (id, plan_id, phase_id, place, number, key, title, prompt, status, executor, written_by, effect,
                          assigned_to, may_change, write_scope, supersedes, needs, profile, spec_id, max_attempts,
                          open_dependencies)
  SELECT v.id, $1::uuid, v."phaseId", v.place, v.number, v.key, v.title, v.prompt, 'pending', v.executor,
         coalesce(v."writtenBy", 'person'), v.effect,
         v."assignedTo", v."mayChange", v."writeScope", v.supersedes, v.needs, v.profile, v."specId", v."maxAttempts",
         v."openDependencies"
    FROM jsonb_to_recordset($2::jsonb)
      AS v(id uuid, "phaseId" uuid, place int, number int, key text, title text, prompt text, executor jsonb,
           "writtenBy" text, effect text, "assignedTo" uuid, "mayChange" jsonb, "writeScope" jsonb, supersedes jsonb,
           needs jsonb, profile text, "specId" uuid, "maxAttempts" int, "openDependencies" int)`;

/** Edge by edge: begun from the tasks, every one of them would go through all edges. */
const INSERT_EDGES = `
  INSERT INTO task_dependencies (task_id, depends_on_id, kind)
  SELECT t.id, o.id, v.kind
    FROM jsonb_to_recordset($2::jsonb) AS v(task text, "dependsOn" text, kind text)
   CROSS JOIN LATERAL (SELECT id FROM plan_tasks WHERE plan_id = $1::uuid AND key = v.task OFFSET 0) t
   CROSS JOIN LATERAL (SELECT id FROM plan_tasks WHERE plan_id = $1::uuid AND key = v."dependsOn" OFFSET 0) o`;

const INSERT_ITERATION = `
  INSERT INTO plan_iterations (id, plan_id, number, kind, actor_id, summary) VALUES ($1, $2, 1, 'created', $3, $4)`;

/** `planwright/12-migrate-authentication`: the number makes it unique, the name makes it readable. */
function branchName(number: number, name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 48)
    .replace(/-$/, '');
  return slug === '' ? `planwright/${number}` : `planwright/${number}-${slug}`;
}
