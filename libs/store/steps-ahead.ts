import type { Change, NewAttempt } from '#domain/plan/change.js';
import type { Decision } from '#domain/plan/decision.js';
import type { AttemptState, PhaseState, PlanState, TaskState } from '#domain/plan/state.js';
import type { FoundSteps, RunningStep, StepPlace } from '#engine/ports/steps.port.js';
import type { StartableAfter } from './dispatch-reads.js';
import type { SqlTx } from './sql.js';
import type { StepRow, StepsLook } from './step-reads.js';
import { phase, queued } from './task-reads.js';

/** What was looked at before steps end in a transaction: while only they end, and others begin, nothing else is asked. */
export class StepsAhead {
  private readonly endedIds: ReadonlySet<string>;
  private state: 'looked' | 'ended' | 'begun' | 'stale' = 'looked';
  /** What the decision that began others changes. */
  private begun: readonly Change[] = [];
  /** What that decision was told can start. */
  private told: StartableAfter | null = null;

  /**
   * @param ended steps that are about to end
   * @param look at these, and at others that run
   */
  constructor(
    private readonly tx: SqlTx,
    private readonly ended: readonly StepPlace[],
    private readonly look: StepsLook,
  ) {
    this.endedIds = new Set(ended.map(({ attemptId }) => attemptId));
  }

  /** The steps that run still, and what waits for a worker. */
  async found(plan: PlanState): Promise<FoundSteps> {
    const rows = this.look.rows.filter(({ attempt }) => this.endedIds.has(attempt.id));
    const running = new Map<string, RunningStep>();
    for (const { attempt, task, phase: of } of rows) {
      // What follows a phase, and what a pause takes back, only its end looks at.
      const ends = of.openTasks <= rows.length;
      const nextPhase = ends ? ((await phase(this.tx, plan.id, of.id))?.nextPhase ?? null) : null;
      const waiting = ends && of.atEnd === 'pause' ? await queued(this.tx, plan.id, []) : [];
      const slice = { plan, task, phase: of, nextPhase, queued: waiting, failures: [], violationCounts: [] };
      running.set(attempt.id, { attempt, slice });
    }
    const { queued: waits, othersQueued } = this.look;
    return { running, queued: waits, othersQueued };
  }

  /** Of each decision: any but the one that ends just these steps, and the next, which begins others, ends all foresight. */
  applied({ changes }: Decision): void {
    if (this.state === 'looked' && endsJust(this.ended, changes)) this.state = 'ended';
    else if (this.state === 'ended' && beginsSteps(changes)) {
      this.state = 'begun';
      this.begun = changes;
    } else this.state = 'stale';
  }

  /** Whether the steps, and nothing else, have ended in this transaction. */
  get haveEnded(): boolean {
    return this.state === 'ended';
  }

  /** What can start now, where that is known. */
  next(): StartableAfter | null {
    this.told = this.state === 'ended' ? this.startable() : null;
    return this.told;
  }

  /**
   * The end of the steps and the beginning of others as one: a task that waited for nothing but them leaves `pending` at
   * once. Null: others wait for them as well, whose counts are written in between.
   */
  asOne(ended: readonly Change[], begun: readonly Change[]): readonly Change[] | null {
    if (this.told === null) return null;
    const { ready, dependants } = this.told;
    const released = new Set(ready.filter((each) => each.released).map(({ task }) => task.id));
    const moved = begun.filter(
      (change) => change.entity === 'task' && change.from === 'ready' && released.has(change.id),
    );
    if (moved.length !== dependants) return null;
    return [
      ...ended.filter(({ entity }) => entity !== 'release_dependants'),
      ...begun.map((change) => (moved.includes(change) ? fromPending(change) : change)),
    ];
  }

  /** What a look at the steps that run now would find, as far as they are known here; null where one is needed. */
  after(plan: PlanState): Pick<StepsLook, 'rows' | 'startable'> | null {
    const { told } = this;
    if (told === null || this.state === 'stale') return null;
    const phases = this.phasesAfter();
    const begun = this.begunRows(plan, phases, told);
    if (begun === null) return null;
    const rows = [...this.others(phases), ...begun];
    return { rows, startable: this.startableThen(told, plan, rows) };
  }

  private startable(): StartableAfter | null {
    const { startable } = this.look;
    if (startable === null || (startable.dependants !== 0 && !this.endsAll())) return null;
    // Scopes may overlap with those of tasks that are not among these.
    return startable.ready.some(({ task }) => task.writeScope.length > 0) ? null : startable;
  }

  private endsAll(): boolean {
    return this.look.rows.length === this.ended.length;
  }

  private phasesAfter(): ReadonlyMap<string, PhaseState> {
    const phases = new Map<string, PhaseState>();
    for (const { attempt, phase: of } of this.look.rows) {
      const { openTasks } = phases.get(of.id) ?? of;
      phases.set(of.id, { ...of, openTasks: openTasks - (this.endedIds.has(attempt.id) ? 1 : 0) });
    }
    return phases;
  }

  /** Steps that ran before, and run on. */
  private others(phases: ReadonlyMap<string, PhaseState>): StepRow[] {
    return this.look.rows
      .filter(({ attempt }) => !this.endedIds.has(attempt.id))
      .map((row) => ({ ...row, phase: phases.get(row.phase.id) ?? row.phase }));
  }

  /** Null: one is of a phase that nothing is known of. */
  private begunRows(
    plan: PlanState,
    phases: ReadonlyMap<string, PhaseState>,
    { ready }: StartableAfter,
  ): StepRow[] | null {
    const tasks = new Map(ready.map(({ task }) => [task.id, task]));
    const rows: StepRow[] = [];
    for (const change of this.begun) {
      if (change.entity !== 'new_attempt') continue;
      const task = tasks.get(change.taskId);
      const of = task && phases.get(task.phaseId);
      if (task === undefined || of === undefined) return null;
      rows.push({ attempt: madeAttempt(change, plan), task: begunTask(task, change), phase: of });
    }
    return rows;
  }

  /** What is left of what could start, where nothing waits for what runs now and it is enough for every slot. */
  private startableThen(
    told: StartableAfter,
    plan: PlanState,
    rows: readonly StepRow[],
  ): StartableAfter | null {
    const moved = new Set(this.begun.flatMap((change) => (change.entity === 'task' ? [change.id] : [])));
    const leads = told.ready.some((each) => each.leads && moved.has(each.task.id));
    const left = told.ready.filter(({ task }) => !moved.has(task.id));
    const slots = plan.concurrency - plan.activeTasks + rows.length;
    if (leads || (left.length < slots && !told.complete)) return null;
    return { ...told, ready: left.map((each) => ({ ...each, released: false })), dependants: 0 };
  }
}

const OF_AN_END: readonly string[] = ['attempt', 'task', 'release_dependants', 'counters', 'open_tasks'];
const OF_A_BEGINNING: readonly string[] = ['task', 'new_attempt', 'counters'];

function endsJust(steps: readonly StepPlace[], changes: readonly Change[]): boolean {
  const ids = new Set(steps.map(({ taskId }) => taskId));
  const ended = changes.flatMap((change) => (change.entity === 'release_dependants' ? [change.taskId] : []));
  return (
    ids.size > 0 &&
    changes.every(({ entity }) => OF_AN_END.includes(entity)) &&
    ended.length === ids.size &&
    ended.every((id) => ids.has(id))
  );
}

function beginsSteps(changes: readonly Change[]): boolean {
  return changes.every(
    (change) =>
      OF_A_BEGINNING.includes(change.entity) &&
      (change.entity !== 'new_attempt' || (change.status === 'running' && change.leased === true)),
  );
}

function fromPending(change: Change): Change {
  if (change.entity !== 'task') return change;
  const set = { ...change.set, openDependencies: 0 };
  return { ...change, from: 'pending', set };
}

/** As `NEW_ATTEMPTS` writes one that is claimed as it is made. */
function madeAttempt({ id, taskId, number, baseCommit }: NewAttempt, { epoch }: PlanState): AttemptState {
  return {
    ...{ id, taskId, number, epoch, status: 'running', token: 1, deliveries: 0 },
    ...{ baseCommit: baseCommit ?? null, candidateCommit: null, patchId: null },
    ...{ byHand: false, leaseSeconds: null },
  };
}

function begunTask(task: TaskState, { number }: NewAttempt): TaskState {
  return { ...task, status: 'executing', attemptCount: number };
}
