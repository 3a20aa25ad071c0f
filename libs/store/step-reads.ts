import type { Decision } from '#domain/plan/decision.js';
import type { AttemptState, PhaseState, PlanState, TaskState } from '#domain/plan/state.js';
import type { FoundSteps, RunningStep, StepPlace } from '#engine/ports/steps.port.js';
import { startableAfter, type Startable } from './dispatch-reads.js';
import { ATTEMPT, part, PHASE, prefixed, TASK } from './rows.js';
import type { SqlTx } from './sql.js';
import { phase, queued } from './task-reads.js';

/** What the end of steps looks at: the steps, and what can start when they are done. */
export interface StepsLook {
  readonly rows: Promise<StepRow[]>;
  readonly others: Promise<unknown[]>;
  readonly startable: Promise<Startable | null>;
}

/** Sends the reads, in this turn. */
export function lookAtSteps(db: Pick<SqlTx, 'rows'>, planId: string, steps: readonly StepPlace[]): StepsLook {
  const [attemptIds, taskIds] = [steps.map((step) => step.attemptId), steps.map((step) => step.taskId)];
  const look = {
    rows: db.rows<StepRow>(RUNNING, [planId, attemptIds]),
    others: db.rows(OTHERS_QUEUED, [planId]),
    startable: startableAfter(db, planId, taskIds),
  };
  for (const sent of Object.values(look)) sent.catch(() => undefined);
  return look;
}

/** What was looked at before steps are ended in a transaction, which so need not ask. */
export class StepsAhead {
  private readonly taskIds: ReadonlySet<string>;
  private state: 'read' | 'done' | 'stale' = 'read';

  constructor(
    private readonly tx: SqlTx,
    steps: readonly StepPlace[],
    private readonly look: StepsLook,
  ) {
    this.taskIds = new Set(steps.map(({ taskId }) => taskId));
  }

  /** The steps that run still, and whether an attempt of another plan waits for a worker. */
  async found(plan: PlanState): Promise<FoundSteps> {
    const rows = await this.look.rows;
    const running = new Map<string, RunningStep>();
    for (const row of rows) {
      const [attempt, task, of] = [
        part<AttemptState>(row, 'attempt.'),
        part<TaskState>(row, 'task.'),
        part<PhaseState>(row, 'phase.'),
      ];
      // What follows a phase, and what a pause takes back, only its end looks at.
      const ends = of.openTasks <= rows.length;
      const nextPhase = ends ? ((await phase(this.tx, plan.id, of.id))?.nextPhase ?? null) : null;
      const waiting = ends && of.atEnd === 'pause' ? await queued(this.tx, plan.id, []) : [];
      const slice = { plan, task, phase: of, nextPhase, queued: waiting, failures: [], violationCounts: [] };
      running.set(attempt.id, { attempt, slice });
    }
    return { running, othersQueued: (await this.look.others).length > 0 };
  }

  /** A decision was applied: all but the one that ends just these steps makes the look ahead worthless. */
  applied({ changes }: Decision): void {
    const ended = changes.flatMap((change) =>
      change.entity === 'release_dependants' ? [change.taskId] : [],
    );
    const justThese =
      changes.every(({ entity }) => OF_A_STEP.includes(entity)) &&
      ended.length === this.taskIds.size &&
      ended.every((id) => this.taskIds.has(id));
    this.state = this.state === 'read' && justThese ? 'done' : 'stale';
  }

  /** What can start now, where that is known. */
  async next(): Promise<Startable | null> {
    if (this.state !== 'done') return null;
    const found = await this.look.startable;
    // Scopes may overlap with those of tasks that are not among these.
    return found?.ready.some(({ task }) => task.writeScope.length > 0) === true ? null : found;
  }
}

const OF_A_STEP: readonly string[] = ['attempt', 'task', 'release_dependants', 'counters', 'open_tasks'];

export type StepRow = Readonly<Record<string, unknown>>;

/** Each is looked up by its id: other indexes have every attempt of the plan, or every running one of all plans. */
const RUNNING = `
  SELECT ${prefixed('attempt.', ATTEMPT)}, ${prefixed('task.', TASK)}, ${prefixed('phase.', PHASE)}
    FROM unnest($2::uuid[]) AS g(id)
   CROSS JOIN LATERAL (SELECT * FROM task_attempts WHERE id = g.id OFFSET 0) a
   CROSS JOIN LATERAL (SELECT * FROM plan_tasks WHERE id = a.task_id OFFSET 0) t
   CROSS JOIN LATERAL (SELECT * FROM phases WHERE id = t.phase_id OFFSET 0) h
   WHERE a.plan_id = $1 AND a.status = 'running' AND a.epoch = (SELECT p.epoch FROM plans p WHERE p.id = $1)`;

const OTHERS_QUEUED = `SELECT 1 FROM task_attempts WHERE status = 'queued' AND plan_id <> $1 LIMIT 1`;
