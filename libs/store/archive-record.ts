import { canonicalHash } from '#engine/canonical.js';
import type { ArchiveRecord, PlanRecord } from '#contracts/archive/manifest.js';
import type { Sql, SqlTx } from './sql.js';

type Row = Readonly<Record<string, unknown>>;

/**
 * Everything that an archive says of a plan. Prompts, executors and what people sent in are there by their hash alone:
 * they may hold what is nobody's business.
 *
 * @returns null for a plan that nobody asked to archive
 */
export async function archiveRecord(sql: Sql, planId: string): Promise<ArchiveRecord | null> {
  const record = await planRecord(sql, planId);
  return record?.archive === null ? null : (record as ArchiveRecord | null);
}

/** The same of any plan, as it is at one moment. Its `archive` is null where nobody asked for one. */
export async function planRecord(sql: Sql, planId: string): Promise<PlanRecord | null> {
  return sql.read(async (tx) => {
    const [plan] = await tx.rows<Row>(PLAN, [planId]);
    if (plan === undefined) return null;
    const read = (text: string): Promise<Row[]> => tx.rows<Row>(text, [planId]);
    const { archive, status, setup, ...rest } = plan;
    const asked = archive === null ? null : askedFor(archive as ArchiveRecord['archive']);
    const [phases, tasks, specs, attempts, runs, integrations, snapshots] = await Promise.all(
      [PHASES, TASKS, SPECS, ATTEMPTS, RUNS, INTEGRATIONS, SNAPSHOTS].map(read),
    );
    const [iterations, signals, events] = await people(tx, planId);
    const record = {
      plan: { ...rest, outcome: asked?.from ?? status, setup: withoutValues(setup as Row | null) },
      archive: asked,
      phases,
      tasks: tasks?.map(({ executor, ...task }) => ({ ...task, executorHash: canonicalHash(executor) })),
      specs,
      attempts: attempts?.map(({ profile, ...attempt }) =>
        profile === null ? attempt : { ...attempt, profile },
      ),
      runs,
      integrations,
      snapshots,
      iterations,
      signals,
      events,
    };
    const actors = await tx.rows<Row>(ACTORS, [[...actorsOf(record)]]);
    return timesAsText({ ...record, actors }) as PlanRecord;
  });
}

function askedFor(archive: ArchiveRecord['archive']): ArchiveRecord['archive'] {
  const { from, note, forced, open, actorId, at } = archive;
  return { from, note, forced, open, actorId, at };
}

async function people(tx: Pick<SqlTx, 'rows'>, planId: string): Promise<readonly Row[][]> {
  const [iterations, signals, events] = await Promise.all(
    [ITERATIONS, SIGNALS, EVENTS].map((text) => tx.rows<Row>(text, [planId])),
  );
  return [
    (iterations ?? []).map(({ changes, ...row }) => ({ ...row, changesHash: canonicalHash(changes) })),
    (signals ?? []).map(({ data, ...row }) => ({ ...row, dataHash: canonicalHash(data) })),
    events ?? [],
  ];
}

function withoutValues(setup: Row | null): Row | null {
  if (setup === null) return null;
  const { env, ...rest } = setup;
  return { ...rest, variables: Object.keys((env ?? {}) as Row).sort() };
}

const ACTOR_FIELDS = ['actorId', 'createdBy', 'approvedBy', 'assignedTo'];

/** Ids of everybody that the rows name. */
function actorsOf(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const each of value) actorsOf(each, found);
  else if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    for (const [key, member] of Object.entries(value)) {
      if (key === 'payload' || key === 'verdict' || key === 'metadata') continue;
      if (ACTOR_FIELDS.includes(key) && typeof member === 'string') found.add(member);
      else actorsOf(member, found);
    }
  }
  return found;
}

function timesAsText(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(timesAsText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, timesAsText(member)]));
}

const PLAN = `
  SELECT p.id, p.number, p.name, p.description, p.metadata,
         jsonb_build_object('id', r.id, 'name', r.name, 'origin', regexp_replace(r.origin, '//[^/@]+@', '//')) AS repository,
         p.base_branch AS "baseBranch", p.base_commit AS "baseCommit", p.target_branch AS "targetBranch", p.branch,
         p.tip_commit AS "tipCommit", p.published_commit AS "publishedCommit", p.auto_commit AS "autoCommit",
         p.revision, coalesce(p.setup, r.setup) AS setup, p.created_by AS "createdBy", p.created_at AS "createdAt",
         p.started_at AS "startedAt", p.finished_at AS "finishedAt", p.archive, p.status
    FROM plans p JOIN repositories r ON r.id = p.repository_id
   WHERE p.id = $1`;

const PHASES = `
  SELECT id, position, name, mode, approval, at_end AS "atEnd", success_criteria AS "successCriteria", status,
         started_at AS "startedAt", finished_at AS "finishedAt"
    FROM phases WHERE plan_id = $1 ORDER BY position`;

const TASKS = `
  SELECT t.id, t.phase_id AS "phaseId", t.number, t.key, t.title, t.status, t.effect, t.executor->>'kind' AS "executorKind",
         t.executor, encode(sha256(convert_to(t.prompt, 'UTF8')), 'hex') AS "promptHash", s.hash AS "specHash",
         t.may_change AS "mayChange", t.write_scope AS "writeScope",
         (SELECT coalesce(jsonb_agg(o.number ORDER BY o.number), '[]') FROM task_dependencies d
            JOIN plan_tasks o ON o.id = d.depends_on_id WHERE d.task_id = t.id) AS "dependsOn",
         t.verified, t.commit_sha AS "commit", t.approved_by AS "approvedBy", t.approved_at AS "approvedAt",
         t.approved_patch AS "approvedPatch", t.assigned_to AS "assignedTo", t.note, t.started_at AS "startedAt",
         t.completed_at AS "completedAt"
    FROM plan_tasks t LEFT JOIN plan_specs s ON s.id = t.spec_id WHERE t.plan_id = $1 ORDER BY t.number`;

/** Each text once, however many tasks have it. */
const SPECS = `
  SELECT DISTINCT ON (hash) hash, spec_type AS type, spec_yaml AS text FROM plan_specs WHERE plan_id = $1 ORDER BY hash, id`;

const ATTEMPTS = `
  SELECT a.id, a.task_id AS "taskId", a.number, a.status, a.failure, a.by_hand AS "byHand", a.actor_id AS "actorId",
         a.base_commit AS "baseCommit", a.candidate_commit AS "candidateCommit", a.patch_id AS "patchId",
         a.spec_hash AS "specHash", a.input_hash AS "inputHash", a.profile, a.sandbox, a.started_at AS "startedAt",
         a.finished_at AS "finishedAt"
    FROM task_attempts a JOIN plan_tasks t ON t.id = a.task_id WHERE a.plan_id = $1 ORDER BY t.number, a.number`;

const RUNS = `
  SELECT r.id, r.task_id AS "taskId", r.attempt_id AS "attemptId", r.integration_id AS "integrationId", r.status,
         r."commit", r.base_commit AS "baseCommit", r.verdict, r.judged_under AS "judgedUnder", r.started_at AS "startedAt", r.finished_at AS "finishedAt"
    FROM verification_runs r JOIN plan_tasks t ON t.id = r.task_id WHERE r.plan_id = $1 ORDER BY t.number, r.id`;

const INTEGRATIONS = `
  SELECT id, task_id AS "taskId", attempt_id AS "attemptId", status, candidate_commit AS "candidateCommit",
         onto_commit AS "ontoCommit", result_commit AS "resultCommit", patch_id AS "patchId", finished_at AS "finishedAt"
    FROM integrations WHERE plan_id = $1 ORDER BY position`;

const SNAPSHOTS = `
  SELECT id, task_id AS "taskId", attempt_id AS "attemptId", sequence, kind, name, git_ref AS "gitRef", "commit",
         base_commit AS "baseCommit", created_at AS "createdAt"
    FROM code_snapshots WHERE plan_id = $1 ORDER BY created_at, id`;

const ITERATIONS = `
  SELECT number, kind, summary, changes, actor_id AS "actorId", created_at AS "createdAt"
    FROM plan_iterations WHERE plan_id = $1 ORDER BY number`;

const SIGNALS = `
  SELECT name, data, actor_id AS "actorId", created_at AS "createdAt" FROM plan_signals WHERE plan_id = $1 ORDER BY name`;

const EVENTS = `
  SELECT seq, type, payload, actor_id AS "actorId", at, prev_hash AS "prevHash", hash
    FROM plan_events WHERE plan_id = $1 ORDER BY seq`;

const ACTORS = 'SELECT id, kind, name FROM actors WHERE id = ANY($1::uuid[]) ORDER BY id';
