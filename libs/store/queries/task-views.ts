import type { AttemptView, TaskView, VerdictView } from '#contracts/api/plans.js';
import type { PinnedProfile } from '#domain/profile/profile.js';
import type { Verdict } from '#domain/spec/verdict.js';
import { groupBy } from '../group-by.js';
import type { SqlTx } from '../sql.js';
import { costMember, type CostRow, type Costs } from './costs.js';

/** A task as clients see it, and the phase it stands in. */
export interface PlacedTask {
  readonly phaseId: string;
  readonly view: TaskView;
  /** What was spent on each of its attempts, where something was. */
  readonly spent: readonly CostRow[];
}

interface TaskRow extends Omit<
  TaskView,
  | 'dependsOn'
  | 'awaitsClaim'
  | 'attempts'
  | 'startedAt'
  | 'completedAt'
  | 'waitsUntil'
  | 'claimedBy'
  | 'claimedUntil'
  | 'review'
  | 'cost'
  | 'question'
> {
  readonly phaseId: string;
  readonly announced: boolean;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly until: Date | null;
  readonly holder: string | null;
  readonly heldUntil: Date | null;
  readonly reviewCommit: string | null;
  readonly patchId: string | null;
}

interface QuestionRow {
  readonly taskId: string;
  readonly attempt: number;
  readonly text: string;
  readonly askedAt: Date;
  readonly answer: string | null;
}

interface AttemptRow extends Omit<
  AttemptView,
  'jobs' | 'cost' | 'profile' | 'startedAt' | 'finishedAt' | 'verdict'
> {
  readonly id: string;
  readonly taskId: string;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly verdict: Verdict | null;
  readonly profile: PinnedProfile | null;
}

interface EdgeRow {
  readonly taskId: string;
  readonly dependsOn: number;
}

/** Attempts are looked up only for tasks that are in somebody's hands or under review. */
const TASKS = `
  SELECT t.id, t.phase_id AS "phaseId", t.number, t.key, t.title, t.status, t.effect, t.verified, t.note,
         CASE t.strength->>'commit' WHEN t.commit_sha THEN t.strength END AS strength,
         t.announced_at IS NOT NULL AS announced, t.commit_sha AS "commit", t.started_at AS "startedAt",
         t.completed_at AS "completedAt", t.executor->>'kind' AS "executorKind", s.name AS "assignedTo", l.holder, l."heldUntil",
         l.commit AS "reviewCommit", l."patchId", e.on_base AS "specOnBase",
         CASE t.status WHEN 'waiting' THEN t.not_before END AS until,
         CASE t.status WHEN 'waiting' THEN t.executor->>'event' END AS "waitsFor"
    FROM plan_tasks t
    LEFT JOIN actors s ON s.id = t.assigned_to
    LEFT JOIN plan_specs e ON e.id = t.spec_id
    LEFT JOIN LATERAL (
      SELECT c.name AS holder, a.lease_until AS "heldUntil", coalesce(i.result_commit, a.candidate_commit) AS commit,
             coalesce(i.patch_id, a.patch_id) AS "patchId"
        FROM task_attempts a
        LEFT JOIN actors c ON c.id = a.actor_id
        LEFT JOIN integrations i ON i.attempt_id = a.id AND i.status = 'awaiting_review'
       WHERE a.task_id = t.id AND t.status IN ('claimed', 'awaiting_review')
       ORDER BY a.number DESC LIMIT 1) l ON true`;

const EDGES = `
  SELECT d.task_id AS "taskId", o.number AS "dependsOn"
    FROM task_dependencies d JOIN plan_tasks o ON o.id = d.depends_on_id
   WHERE d.kind = 'explicit'`;

/** What an attempt was given can be long and is left out; the verdict is its last one. */
const ATTEMPTS = `
  SELECT a.id, a.task_id AS "taskId", a.number, a.status, a.failure, a.message, a.result, a.sandbox, a.profile,
         a.started_at AS "startedAt", a.finished_at AS "finishedAt", v.verdict
    FROM task_attempts a
    LEFT JOIN LATERAL (
      SELECT r.verdict FROM verification_runs r
       WHERE r.attempt_id = a.id AND r.verdict IS NOT NULL AND r.verdict <> 'null'
       ORDER BY r.created_at DESC LIMIT 1) v ON true`;

const QUESTIONS = `
  SELECT q.task_id AS "taskId", a.number AS attempt, q.question AS text, q.asked_at AS "askedAt", q.answer
    FROM task_questions q JOIN task_attempts a ON a.id = q.attempt_id`;

const OF_PLAN = {
  tasks: `${TASKS} WHERE t.plan_id = $1 ORDER BY t.place, t.number`,
  edges: `${EDGES} AND d.task_id = ANY (ARRAY(SELECT id FROM plan_tasks WHERE plan_id = $1))`,
  attempts: `${ATTEMPTS} WHERE a.plan_id = $1 ORDER BY a.number`,
  questions: `${QUESTIONS} WHERE q.plan_id = $1 ORDER BY q.asked_at`,
};

const OF_TASK = {
  tasks: `${TASKS} WHERE t.id = $1`,
  edges: `${EDGES} AND d.task_id = $1`,
  attempts: `${ATTEMPTS} WHERE a.task_id = $1 ORDER BY a.number`,
  questions: `${QUESTIONS} WHERE q.task_id = $1 ORDER BY q.asked_at`,
};

/**
 * The tasks of a plan in their order, or one task. Each table is read flat and put together here.
 *
 * @param spent what was spent on their attempts
 */
export async function taskViews(
  tx: Pick<SqlTx, 'rows'>,
  of: { readonly planId: string } | { readonly taskId: string },
  spent: Promise<Costs>,
): Promise<PlacedTask[]> {
  const statements = 'planId' in of ? OF_PLAN : OF_TASK;
  const id = 'planId' in of ? of.planId : of.taskId;
  const [tasks, edges, attempts, questions, costs] = await Promise.all([
    tx.rows<TaskRow>(statements.tasks, [id]),
    tx.rows<EdgeRow>(statements.edges, [id]),
    tx.rows<AttemptRow>(statements.attempts, [id]),
    tx.rows<QuestionRow>(statements.questions, [id]),
    spent,
  ]);
  const edgesOf = groupBy(edges, (edge) => edge.taskId);
  const questionOf = new Map(questions.map((question) => [question.taskId, question]));
  const attemptsOf = groupBy(attempts, (attempt) => attempt.taskId);
  return tasks.map((row) => {
    const own = attemptsOf.get(row.id) ?? [];
    const ownCosts = own.flatMap(({ id: attemptId }) => costs.get(attemptId) ?? []);
    return {
      phaseId: row.phaseId,
      view: {
        ...toTaskView(row, edgesOf.get(row.id) ?? [], own, costs),
        question: toQuestion(questionOf.get(row.id)),
        ...costMember(ownCosts),
      },
      spent: ownCosts,
    };
  });
}

function toQuestion(row: QuestionRow | undefined): TaskView['question'] {
  if (row === undefined) return null;
  const { attempt, text, askedAt, answer } = row;
  return { attempt, text, askedAt: askedAt.toISOString(), answer };
}

function toTaskView(
  row: TaskRow,
  edges: readonly EdgeRow[],
  attempts: readonly AttemptRow[],
  costs: Costs,
): Omit<TaskView, 'question'> {
  const { reviewCommit: commit, patchId } = row;
  const inReview = row.status === 'awaiting_review' && commit !== null && patchId !== null;
  return {
    id: row.id,
    number: row.number,
    key: row.key,
    title: row.title,
    status: row.status,
    effect: row.effect,
    dependsOn: edges.map((edge) => edge.dependsOn).sort((a, b) => a - b),
    awaitsClaim: row.status === 'ready' && row.announced,
    verified: row.verified,
    strength: row.strength,
    commit: row.commit,
    startedAt: iso(row.startedAt),
    completedAt: iso(row.completedAt),
    executorKind: row.executorKind,
    assignedTo: row.assignedTo,
    waitsUntil: iso(row.until),
    waitsFor: row.waitsFor,
    claimedBy: row.status === 'claimed' ? row.holder : null,
    claimedUntil: row.status === 'claimed' ? iso(row.heldUntil) : null,
    review: inReview ? { commit, patchId } : null,
    note: row.note,
    specOnBase: row.specOnBase,
    attempts: attempts.map((attempt) => toAttemptView(attempt, costs)),
  };
}

function toAttemptView(row: AttemptRow, costs: Costs): AttemptView {
  const { verdict, profile } = row;
  return {
    number: row.number,
    jobs: `/jobs/of/${row.id}`,
    status: row.status,
    failure: row.failure,
    message: row.message,
    result: row.result,
    sandbox: row.sandbox,
    ...(profile === null ? {} : { profile: { slug: profile.slug, reason: profile.reason } }),
    startedAt: iso(row.startedAt),
    finishedAt: iso(row.finishedAt),
    verdict: verdict && toVerdictView(verdict),
    ...costMember([costs.get(row.id)]),
  };
}

/** A verdict as clients see it. */
export function toVerdictView({ outcome, summary, violations, items }: Verdict): VerdictView {
  return {
    outcome,
    summary,
    violations: violations.map((violation) => ({ ...violation })),
    items: items.map(({ audit, ...item }) => ({
      ...item,
      ...(audit && { audit: { ...audit, missingExpectationFiles: [...audit.missingExpectationFiles] } }),
    })),
  };
}

export function iso(date: Date | null): string | null {
  return date?.toISOString() ?? null;
}
