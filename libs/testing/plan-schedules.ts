import fc from 'fast-check';
import { planEdges, type GraphPhase } from '#domain/plan/graph.js';
import {
  PHASE_APPROVALS,
  PHASE_ENDS,
  type PhaseApproval,
  type PhaseEnd,
  type PhaseMode,
} from '#domain/plan/phase.machine.js';
import type { WaitTerms } from '#domain/plan/decisions/dispatch.js';
import { impliedEffect } from '#domain/plan/task-effect.js';
import { EXECUTOR_KINDS, type ExecutorKind, type TaskEffect } from '#domain/plan/state.js';
import { aPhase, aPlan, aTask } from './plan-builder.js';
import { Canceller } from './model-canceller.js';
import { People } from './model-people.js';
import { breaches } from './plan-invariants.js';
import { Integrator } from './model-integrator.js';
import type { ModelState } from './plan-model.js';
import { PlanWorld, type Worker } from './plan-world.js';

const FAILED = [
  'agent_failed',
  'limit_exceeded',
  'infrastructure',
  'quota',
  'budget',
  'scope_exceeded',
  'needs_replan',
] as const;
const NO_WAIT: WaitTerms = { seconds: null, until: null, event: null, timeoutSeconds: null };
const WAITS: readonly WaitTerms[] = [
  { ...NO_WAIT, seconds: 30 },
  { ...NO_WAIT, event: 'released' },
  { ...NO_WAIT, event: 'released', timeoutSeconds: 600 },
];
const SCOPES = [[], [], ['src/**'], ['src/auth/**'], ['docs/**']];

/** A random number generator that starts anywhere and says the same every time. */
export function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Plans of up to four phases with up to four tasks each, that depend on tasks before them. */
export const anyPlan = fc
  .record({
    concurrency: fc.integer({ min: 1, max: 4 }),
    maxAttempts: fc.integer({ min: 1, max: 3 }),
    autoCommit: fc.boolean(),
    phases: fc.array(
      fc.record({
        mode: fc.constantFrom<PhaseMode>('sequential', 'parallel', 'manual'),
        approval: fc.constantFrom<PhaseApproval>('none', ...PHASE_APPROVALS),
        atEnd: fc.constantFrom<PhaseEnd>('continue', ...PHASE_ENDS),
        tasks: fc.array(
          fc.record({
            picks: fc.array(fc.nat(), { maxLength: 3 }),
            scope: fc.constantFrom(...SCOPES),
            kind: fc.constantFrom<ExecutorKind>('command', 'command', 'command', ...EXECUTOR_KINDS),
            effect: fc.constantFrom<TaskEffect>('change', 'change', 'none'),
            wait: fc.constantFrom(...WAITS),
          }),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(toState);

interface PlanShape {
  readonly concurrency: number;
  readonly maxAttempts: number;
  readonly autoCommit: boolean;
  readonly phases: readonly {
    readonly mode: PhaseMode;
    readonly approval: PhaseApproval;
    readonly atEnd: PhaseEnd;
    readonly tasks: readonly {
      picks: number[];
      scope: string[];
      kind: ExecutorKind;
      effect: TaskEffect;
      wait: WaitTerms;
    }[];
  }[];
}

function toState({ concurrency, maxAttempts, autoCommit, phases }: PlanShape): ModelState {
  let index = 0;
  const graph = phases.map(({ mode, tasks }, p): GraphPhase => ({
    name: `phase-${p + 1}`,
    sequential: mode === 'sequential',
    tasks: tasks.map(({ picks }) => {
      const before = index;
      index += 1;
      const dependsOn = before === 0 ? [] : [...new Set(picks.map((pick) => `task-${(pick % before) + 1}`))];
      return { key: `task-${before + 1}`, dependsOn };
    }),
  }));
  const edges = planEdges(graph);
  const rows = phases.flatMap(({ tasks }, p) =>
    tasks.map((task, t) => ({ ...task, phase: p, key: graph[p]?.tasks[t]?.key ?? '' })),
  );
  return {
    plan: aPlan({ status: 'ready', concurrency, autoCommit, openPhases: phases.length }),
    phases: phases.map(({ mode, approval, atEnd, tasks }, p) =>
      aPhase({
        id: `phase-${p + 1}`,
        position: p + 1,
        mode,
        approval,
        atEnd,
        status: 'pending',
        openTasks: tasks.length,
      }),
    ),
    tasks: rows.map(({ key, phase, scope, kind, effect, wait }, t) => {
      const dependsOn = edges.filter((edge) => edge.task === key).map((edge) => edge.dependsOn);
      const task = aTask({
        id: key,
        number: t + 1,
        phaseId: `phase-${phase + 1}`,
        status: 'pending',
        maxAttempts,
        writeScope: scope,
        executorKind: kind,
        effect: impliedEffect(kind) === 'none' ? 'none' : effect,
        openDependencies: dependsOn.length,
      });
      return {
        ...task,
        dependsOn,
        notBefore: 0,
        retryBase: 0,
        announced: false,
        commitSha: null,
        assignedTo: null,
        wait: kind === 'wait' ? wait : null,
      };
    }),
    attempts: [],
    runs: [],
    integrations: [],
    signals: [],
  };
}

export function startedWorld(state: ModelState, random: () => number): PlanWorld {
  const world = new PlanWorld(structuredClone(state), random);
  world.start();
  expectSound(world);
  return world;
}

/** An adversary: any enabled thing may happen next, and much that should not. */
export function scheduleSteps(world: PlanWorld, steps: number, failureRate: number): void {
  for (let step = 0; step < steps; step += 1) {
    adversaryStep(world, failureRate);
    expectSound(world);
  }
}

function adversaryStep(world: PlanWorld, failureRate: number): void {
  const { queue, workers, random } = world;
  const luck = random();
  if (luck < 0.3) {
    const [job] = take(queue, random, random() < 0.8);
    if (job !== undefined) world.claim(job);
  } else if (luck < 0.75) {
    // Now and then a copy of the worker stays behind and says the same again.
    const [worker] = take(workers, random, random() < 0.9);
    if (worker !== undefined) work(world, worker, failureRate);
  } else if (luck < 0.8) {
    const held = [...world.state.attempts, ...world.state.runs, ...world.state.integrations].filter(
      ({ lease }) => lease === 'held',
    );
    const row = held[Math.floor(random() * held.length)];
    if (row !== undefined) row.lease = 'expired';
  } else if (luck < 0.83) take(workers, random, true);
  else if (luck < 0.85) take(queue, random, true);
  else if (luck < 0.86) queue.length = 0;
  else if (luck < 0.92) settle(world, random);
  else if (luck < 0.94) control(world, random());
  else if (luck < 0.96) new People(world).doSomething(random);
  else world.reconcile();
}

/** A person approves something; time goes on. */
function settle(world: PlanWorld, random: () => number): void {
  const [task] = take(
    world.state.tasks.filter(({ status }) => status === 'awaiting_approval'),
    random,
    false,
  );
  if (task !== undefined) world.approve(task.id);
  world.model.now += Math.floor(random() * 20_000);
}

/** A person pauses, goes on, retries, rejects or, seldom, cancels. */
function control(world: PlanWorld, luck: number): void {
  if (luck < 0.25) world.pause();
  else if (luck < 0.55) world.resume();
  else if (luck < 0.8) world.retry();
  else if (luck < 0.95) {
    const task = world.state.tasks.find(({ status }) => status === 'awaiting_approval');
    if (task !== undefined) world.reject(task.id);
  } else world.cancel();
}

/** The worker's next word; from a worker whose claim is somebody else's now it must change nothing. */
function work(world: PlanWorld, worker: Worker, failureRate: number): void {
  const before = JSON.stringify(world.state);
  const isStale = stale(world, worker);
  speak(world, worker, failureRate);
  if (isStale && JSON.stringify(world.state) !== before)
    throw new Error(`a stale ${worker.kind} changed the plan`);
}

function speak(world: PlanWorld, worker: Worker, failureRate: number): void {
  const { random } = world;
  const fails = random() < failureRate;
  if (worker instanceof Integrator) {
    worker.advance(random());
    if (!worker.isDone && !world.workers.includes(worker)) world.workers.push(worker);
  } else if (worker instanceof Canceller) {
    worker.advance();
    if (!worker.isDone && !world.workers.includes(worker)) world.workers.push(worker);
  } else if (worker.kind === 'executor') {
    if (random() < failureRate / 4) return world.recordOutcome(worker, { returned: true });
    const failed = FAILED[Math.floor(random() * FAILED.length)] ?? 'agent_failed';
    world.recordOutcome(worker, fails ? { failed } : { executed: random() < 0.85 ? 'changed' : 'unchanged' });
  } else {
    if (random() < failureRate / 4) return world.returnRun(worker);
    const run = world.state.runs.find(({ id }) => id === worker.id);
    const changed = run?.commit !== run?.baseCommit;
    const failing = random() < 0.9 ? 'fail' : 'inconclusive';
    world.recordVerdict(worker, fails ? failing : changed ? 'pass' : 'satisfied');
  }
}

function stale(world: PlanWorld, { id, token }: Worker): boolean {
  const { attempts, runs, integrations } = world.state;
  return [...attempts, ...runs, ...integrations].some(
    (row) => row.id === id && (row.token !== token || !world.isPresent(row)),
  );
}

/** From here on workers live, deliveries arrive and people approve; ends when nothing is left to do. */
export function settleFairly(world: PlanWorld, failureRate: number): void {
  const bound = 400 * world.state.tasks.length;
  for (let turn = 0; turn < bound; turn += 1) {
    if (['completed', 'paused', 'cancelled'].includes(world.state.plan.status)) return;
    for (const row of [...world.state.attempts, ...world.state.runs, ...world.state.integrations]) {
      const alive = world.workers.some(({ id, token }) => id === row.id && token === row.token);
      if (row.lease === 'held' && !alive) row.lease = 'expired';
    }
    world.model.now += 60_000;
    new People(world).answerAll(() => world.random() < failureRate);
    world.reconcile();
    for (const job of world.queue.splice(0)) world.claim(job);
    for (const worker of world.workers.splice(0)) work(world, worker, failureRate);
    expectSound(world);
  }
  throw new Error(`the plan did not come to rest: ${JSON.stringify(world.state)}`);
}

function expectSound(world: PlanWorld): void {
  const found = breaches(world.state);
  if (found.length > 0) throw new Error(found.join('; '));
}

/** One of the items, removed or not. */
function take<T>(items: T[], random: () => number, remove: boolean): T[] {
  const index = Math.floor(random() * items.length);
  if (items.length === 0) return [];
  return remove ? items.splice(index, 1) : [items[index] as T];
}
