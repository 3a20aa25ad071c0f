import fc from 'fast-check';
import { aPhase, aPlan, aTask } from '#testing/plan-builder.js';
import { decideRewinding, decideRewound } from '../plan/decisions/rewind.js';
import type { PhaseState } from '../plan/state.js';
import { planRewind, type RewindState, type RewindTask } from './rewind-plan.js';
import { resolveTarget } from './rewind-target.js';
import { standingAt, type PastEvent, type Standing } from './standing.js';

const NOTHING_OPEN = { phases: [], tasks: [], attempts: [], runs: [], integrations: [] };

interface Shape {
  readonly phase: number;
  readonly dependsOn: readonly number[];
  readonly files: readonly string[];
  /** Whether it makes a commit. */
  readonly changes: boolean;
}

/** A plan whose rows are always what its events say. */
class World {
  readonly events: PastEvent[] = [];
  private readonly files = new Map<string, readonly string[]>();
  private commits = 0;
  private epoch = 1;

  constructor(private readonly shapes: readonly Shape[]) {}

  get standing(): Standing {
    return standingAt(this.events, Infinity, 'base');
  }

  get state(): RewindState {
    const { done, tip } = this.standing;
    const tasks = this.shapes.map(({ phase, dependsOn }, index): RewindTask => {
      const number = index + 1;
      const end = done.get(number);
      return {
        ...aTask({ id: `t${number}`, number, phaseId: `p${phase}`, status: end?.to ?? 'pending' }),
        commitSha: end?.commit ?? null,
        dependsOn: dependsOn.map((each) => `t${each}`),
      };
    });
    const phases = [1, 2].map((position): PhaseState => {
      const open = tasks.filter(({ phaseId, status }) => phaseId === `p${position}` && status === 'pending');
      const status = open.length === 0 ? 'completed' : 'running';
      return aPhase({ id: `p${position}`, position, name: `P${position}`, openTasks: open.length, status });
    });
    const plan = aPlan({ status: 'paused', baseCommit: 'base', tipCommit: tip, epoch: this.epoch });
    return { plan, phases, tasks, events: this.events, snapshots: [], files: this.files };
  }

  /** Does every task that can be done, in order. */
  work(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const [index, shape] of this.shapes.entries()) {
        const { done, tip } = this.standing;
        const task = index + 1;
        const isBehind = this.shapes.some((each, at) => each.phase < shape.phase && !done.has(at + 1));
        if (done.has(task) || isBehind || !shape.dependsOn.every((each) => done.has(each))) continue;
        const commit = shape.changes ? `c${(this.commits += 1)}` : null;
        if (commit !== null) {
          this.files.set(commit, shape.files);
          this.add('task.integrated', { task, commit, onto: tip });
        }
        this.add('task.completed', { task, commit, verified: true });
        moved = true;
      }
    }
  }

  rewind(to: string, keepIndependent = false) {
    const { state } = this;
    const rewind = planRewind(state, resolveTarget(state, to), keepIndependent);
    const lineage = this.epoch;
    this.apply(decideRewinding(state.plan, rewind, keepIndependent, 'r').events);
    const { target, from } = rewind;
    const asked = {
      id: 'r',
      lineage,
      target: to,
      from,
      to: target.commit,
      toSeq: target.seq,
      actorId: 'ada',
    };
    this.epoch += 1;
    const plan = { ...state.plan, status: 'rewinding' as const };
    const decided = decideRewound(
      { plan, open: NOTHING_OPEN, rewind, asked: { ...asked, keepIndependent } },
      rewind.kept.map(({ task }) => ({ taskId: task.id, attemptId: 'a', runId: 'v', commit: 'again' })),
      'i',
    );
    this.apply(decided.events);
    return { rewind, decided };
  }

  private apply(events: readonly { readonly type: string; readonly payload: PastEvent['payload'] }[]): void {
    for (const { type, payload } of events) this.add(type, payload);
  }

  private add(type: string, payload: PastEvent['payload']): void {
    this.events.push({ seq: this.events.length + 1, type, payload });
  }
}

/** What a standing says without when it came about. */
function facts({ tip, done }: Standing) {
  return { tip, done: [...done.values()].map(({ seq: _, ...each }) => each).sort((a, b) => a.task - b.task) };
}

const shapes = fc
  .array(
    fc.record({
      phase: fc.integer({ min: 1, max: 2 }),
      dependsOn: fc.array(fc.nat(9), { maxLength: 2 }),
      files: fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1, maxLength: 2 }),
      changes: fc.boolean(),
    }),
    { minLength: 2, maxLength: 8 },
  )
  .map((all): Shape[] => {
    const ordered = [...all].sort((a, b) => a.phase - b.phase);
    return ordered.map((shape, index) => ({
      ...shape,
      dependsOn: [...new Set(shape.dependsOn.filter((each) => each < index).map((each) => each + 1))],
    }));
  });

/** Targets that differ from where the plan stands. */
function targetsOf(world: World): string[] {
  const { done } = world.standing;
  return [...done.keys()].flatMap((task) => [`${task}`, `before/${task}`]).concat('base');
}

function tryRewind(world: World, to: string, keepIndependent = false) {
  try {
    return world.rewind(to, keepIndependent);
  } catch (error) {
    if ((error as { code?: string }).code === 'conflict') return null;
    throw error;
  }
}

describe('a rewind', () => {
  it('leaves things as they stood at its target, and can be taken back, whatever was done since', () => {
    fc.assert(
      fc.property(shapes, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (plan, choices) => {
        const world = new World(plan);
        world.work();
        for (const choice of choices) {
          const targets = targetsOf(world);
          const to = targets[choice % targets.length] ?? 'base';
          const { seq } = resolveTarget(world.state, to);
          const wanted = facts(standingAt(world.events, seq, 'base'));
          const before = facts(world.standing);
          const lineage = world.state.plan.epoch;
          if (tryRewind(world, to) === null) continue;
          expect(facts(world.standing)).toEqual(wanted);
          if (choice % 2 === 0) world.work();
          // What was done again as it was is there already.
          tryRewind(world, `lineage/${lineage}`);
          expect(facts(world.standing)).toEqual(before);
        }
        world.work();
        expect(world.standing.done.size).toBe(plan.length);
      }),
    );
  });

  it('keeps only what needs nothing of what goes, and what goes can be done again', () => {
    fc.assert(
      fc.property(shapes, fc.nat(), (plan, choice) => {
        const world = new World(plan);
        world.work();
        const targets = targetsOf(world);
        const done = tryRewind(world, targets[choice % targets.length] ?? 'base', true);
        if (done === null) return;
        const { kept, reset, dropped } = done.rewind;
        const open = new Set([...reset, ...kept.map(({ task }) => task)].map(({ id }) => id));
        const gone = reset.filter(({ number }) => dropped.some(({ task }) => task === number));
        expect(reset.map(({ number }) => number)).toContain(dropped[0]?.task ?? reset[0]?.number);
        for (const { task, landing } of kept) {
          expect(task.dependsOn.filter((id) => open.has(id))).toEqual([]);
          const before = gone.filter(({ number }) =>
            dropped.some((each) => each.task === number && each.seq < landing.seq),
          );
          const files = plan[task.number - 1]?.files ?? [];
          for (const { number, phaseId } of before) {
            expect(plan[number - 1]?.files.some((file) => files.includes(file))).toBe(false);
            expect(phaseId).toBe(task.phaseId);
          }
        }
        // Whatever stays done hangs on nothing that is open.
        for (const { id, dependsOn, status } of world.state.tasks)
          if (status === 'completed' && !open.has(id))
            expect(dependsOn.filter((each) => open.has(each))).toEqual([]);
        world.work();
        expect(world.standing.done.size).toBe(plan.length);
      }),
    );
  });

  const two: Shape[] = [
    { phase: 1, dependsOn: [], files: ['a'], changes: true },
    { phase: 2, dependsOn: [], files: ['b'], changes: true },
  ];

  it('opens phases that had ended: the first in which something is open runs, those behind it wait', () => {
    const world = new World(two);
    world.work();
    const { rewind, decided } = world.rewind('base');
    expect(rewind.phases.map(({ phase, to }) => [phase.position, to])).toEqual([
      [1, 'running'],
      [2, 'pending'],
    ]);
    expect(decided.changes).toContainEqual({ entity: 'counters', activeTasks: 0, openPhases: 2 });
  });

  it('leaves out what a person left out, and gives what failed since a fresh start', () => {
    const world = new World(two);
    world.work();
    const { state } = world;
    const [first, second] = state.tasks as [RewindTask, RewindTask];
    const target = resolveTarget(state, 'base');
    const skipped = { ...state, tasks: [first, { ...second, status: 'skipped' as const }] };
    expect(planRewind(skipped, target, false).reset.map(({ number }) => number)).toEqual([1]);
    const failed = { ...state, tasks: [first, { ...second, status: 'failed' as const, attemptCount: 3 }] };
    expect(planRewind(failed, target, false).reset.map(({ number }) => number)).toEqual([1, 2]);
  });

  it('takes a claimed task back from whoever has it', () => {
    const world = new World(two);
    world.work();
    const { state } = world;
    const [first, second] = state.tasks as [RewindTask, RewindTask];
    const claimed = { ...state, tasks: [first, { ...second, status: 'claimed' as const }] };
    const rewind = planRewind(claimed, resolveTarget(state, 'base'), false);
    const asked = { id: 'r', lineage: 1, target: 'base', from: 'c2', to: 'base', toSeq: 0, actorId: 'ada' };
    const plan = { ...state.plan, status: 'rewinding' as const };
    const { changes } = decideRewound(
      { plan, open: NOTHING_OPEN, rewind, asked: { ...asked, keepIndependent: false } },
      [],
      'i',
    );
    expect(changes).toContainEqual(
      expect.objectContaining({ entity: 'task', id: 't2', from: 'claimed', to: 'ready' }),
    );
    expect(changes).toContainEqual(
      expect.objectContaining({ entity: 'task', id: 't2', from: 'ready', to: 'pending' }),
    );
  });

  it.each(['running', 'pausing', 'ready', 'cancelled', 'archived'] as const)(
    'is refused for a plan that is %s',
    (status) => {
      const world = new World(two);
      world.work();
      const { state } = world;
      const rewind = planRewind(state, resolveTarget(state, 'base'), false);
      expect(() => decideRewinding({ ...state.plan, status }, rewind, false, 'r')).toThrow(`is ${status}`);
    },
  );
});
