import { planEdges } from '#domain/plan/graph.js';
import type { LaneWaiter, TaskSlice } from '#domain/plan/decisions/settle.js';
import type {
  AttemptState,
  IntegrationState,
  PhaseState,
  PlanState,
  RunState,
  TaskState,
} from '#domain/plan/state.js';
import type { Verdict, VerdictOutcome } from '#domain/spec/verdict.js';
import type { NewPhase, NewPlan, NewTask } from '#engine/ports/new-plan.js';

/** Values for tests: complete and plain, with what matters to the test given by it. */

export function aPlan(over: Partial<PlanState> = {}): PlanState {
  return {
    id: 'plan',
    number: 1,
    name: 'Plan',
    repositoryId: 'repository',
    status: 'running',
    pauseReason: null,
    epoch: 1,
    baseCommit: 'base',
    branch: 'planwright/1-plan',
    tipCommit: 'base',
    concurrency: 4,
    autoCommit: true,
    priority: 0,
    activeTasks: 0,
    openPhases: 1,
    ...over,
  };
}

export function aPhase(over: Partial<PhaseState> = {}): PhaseState {
  return {
    id: 'phase',
    position: 1,
    name: 'Phase',
    mode: 'parallel',
    approval: 'none',
    atEnd: 'continue',
    concurrency: null,
    status: 'running',
    openTasks: 1,
    ...over,
  };
}

export function aTask(over: Partial<TaskState> = {}): TaskState {
  return {
    id: 'task',
    phaseId: 'phase',
    number: 1,
    title: 'Task',
    status: 'ready',
    effect: 'change',
    executorKind: 'command',
    maxAttempts: 3,
    attemptCount: 0,
    openDependencies: 0,
    writeScope: [],
    approvedAt: null,
    verified: null,
    note: null,
    approvedPatch: null,
    ...over,
  };
}

export function anAttempt(over: Partial<AttemptState> = {}): AttemptState {
  return {
    id: 'attempt',
    taskId: 'task',
    number: 1,
    status: 'running',
    epoch: 1,
    token: 1,
    deliveries: 1,
    baseCommit: 'base',
    candidateCommit: null,
    patchId: null,
    byHand: false,
    ...over,
  };
}

export function aRun(over: Partial<RunState> = {}): RunState {
  return {
    id: 'run',
    taskId: 'task',
    attemptId: 'attempt',
    integrationId: null,
    status: 'running',
    epoch: 1,
    token: 1,
    deliveries: 1,
    commit: 'candidate',
    baseCommit: 'base',
    ...over,
  };
}

export function anIntegration(over: Partial<IntegrationState> = {}): IntegrationState {
  return {
    id: 'integration',
    taskId: 'task',
    attemptId: 'attempt',
    status: 'queued',
    epoch: 1,
    token: 0,
    deliveries: 1,
    candidateCommit: 'candidate',
    ontoCommit: null,
    resultCommit: null,
    intentToken: null,
    intentOldTip: null,
    intentNewTip: null,
    patchId: null,
    ...over,
  };
}

export function aSlice(over: Partial<TaskSlice> = {}): TaskSlice {
  return {
    plan: aPlan(),
    phase: aPhase(),
    task: aTask(),
    failures: [],
    violationCounts: [],
    queued: [],
    nextPhase: null,
    ...over,
  };
}

export function aWaiter(over: Partial<LaneWaiter> = {}): LaneWaiter {
  return { id: 'next-integration', deliveries: 0, ...over };
}

/** A verdict whose one item turned where it passed. */
export function aVerdict(outcome: VerdictOutcome, over: Partial<Verdict> = {}): Verdict {
  const green = outcome === 'pass' || outcome === 'satisfied';
  return {
    outcome,
    summary: `the verdict is ${outcome}`,
    violations: green ? [] : [{ rule: 'r1', severity: 'high', message: 'wrong' }],
    items: [
      {
        id: 'r1',
        kind: 'rule',
        candidate: green ? 'green' : 'red',
        turned: green,
        violations: green ? 0 : 1,
      },
    ],
    blocking: green ? 0 : 1,
    ...over,
  };
}

export interface PhaseShape extends Partial<Omit<NewPhase, 'tasks'>> {
  readonly tasks: readonly (Partial<NewTask> & {
    readonly key: string;
    readonly dependsOn?: readonly string[];
  })[];
}

/** A plan ready for the store. Ids must name rows that exist. */
export function aNewPlan(
  ids: { readonly id: string; readonly repositoryId: string; readonly actorId: string },
  phases: readonly PhaseShape[],
  over: Partial<NewPlan> = {},
): NewPlan {
  return {
    ...ids,
    name: 'Migrate authentication',
    description: '',
    metadata: {},
    baseBranch: 'main',
    baseCommit: '1'.repeat(40),
    targetBranch: 'main',
    concurrency: 4,
    priority: 0,
    autoCommit: true,
    budget: null,
    setup: null,
    maxAttempts: 3,
    warnings: [],
    phases: phases.map(toNewPhase),
    edges: planEdges(
      phases.map(({ mode, tasks }) => ({
        name: '',
        sequential: mode === 'sequential',
        tasks: tasks.map(({ key, dependsOn = [] }) => ({ key, dependsOn })),
      })),
    ),
    ...over,
  };
}

function toNewPhase({ tasks, ...over }: PhaseShape, index: number): NewPhase {
  return {
    name: `Phase ${index + 1}`,
    description: '',
    mode: 'parallel',
    approval: 'none',
    atEnd: 'continue',
    concurrency: null,
    successCriteria: [],
    tasks: tasks.map(({ dependsOn: _, ...task }) => ({
      title: `Task ${task.key}`,
      prompt: '',
      executor: { kind: 'command', command: 'true', timeoutSeconds: 60 },
      effect: 'change',
      assignedTo: null,
      mayChange: [],
      writeScope: [],
      supersedes: [],
      needs: [],
      profile: null,
      maxAttempts: 3,
      spec: null,
      ...task,
    })),
    ...over,
  };
}
