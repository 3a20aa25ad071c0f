import fc from 'fast-check';
import { People } from '#testing/model-people.js';
import { needsReview } from './review.js';
import { anyPlan, mulberry, scheduleSteps, settleFairly, startedWorld } from '#testing/plan-schedules.js';

const schedule = fc.record({
  plan: anyPlan,
  seed: fc.integer(),
  steps: fc.integer({ min: 0, max: 150 }),
  failureRate: fc.constantFrom(0, 0.05, 0.2, 0.5),
});

/**
 * Random plans under random schedules: crashes, late and double deliveries, stale results, expired leases, and people
 * who pause, go on, retry, review, skip, take, hand in, reject and cancel. After each step `scheduleSteps` compares all rows
 * with the invariants; a machine's forbidden step throws by itself.
 */
describe('a plan under any schedule', () => {
  it('keeps order, barriers, slots, lane and counters, and integrates each task at most once', () => {
    fc.assert(
      fc.property(schedule, ({ plan, seed, steps, failureRate }) => {
        const world = startedWorld(plan, mulberry(seed));
        scheduleSteps(world, steps, failureRate);
        const landed = world.hub.history(world.hub.tip).map(({ taskId }) => taskId);
        expect(new Set(landed).size).toBe(landed.length);
      }),
      { numRuns: 300 },
    );
  });

  it('ends completed, paused or cancelled once workers live and deliveries arrive, whatever happened before', () => {
    fc.assert(
      fc.property(schedule, ({ plan, seed, steps, failureRate }) => {
        const world = startedWorld(plan, mulberry(seed));
        scheduleSteps(world, steps, failureRate);
        settleFairly(world, failureRate);
        expect(['completed', 'paused', 'cancelled']).toContain(world.state.plan.status);
      }),
      { numRuns: 300 },
    );
  });

  it('completes when nothing fails, with every task done and one commit per task on the branch', () => {
    fc.assert(
      fc.property(anyPlan, fc.integer(), (plan, seed) => {
        const world = startedWorld(plan, mulberry(seed));
        // At the end of some phases it pauses.
        for (const _ of world.state.phases) {
          world.resume();
          settleFairly(world, 0);
        }
        const { plan: row, tasks } = world.state;
        expect(row.status).toBe('completed');
        const landed = world.hub.history(world.hub.tip);
        const withCommit = tasks.filter(({ commitSha }) => commitSha !== null);
        expect(landed.map(({ taskId }) => taskId).sort()).toEqual(withCommit.map(({ id }) => id).sort());
        expect(row.tipCommit).toBe(world.hub.tip ?? row.baseCommit);
      }),
      { numRuns: 200 },
    );
  });

  it('says of a completed plan what the branch says: each task with a commit once, in an order that dependencies allow', () => {
    fc.assert(
      fc.property(schedule, ({ plan, seed, steps }) => {
        const world = startedWorld(plan, mulberry(seed));
        scheduleSteps(world, steps, 0.02);
        settleFairly(world, 0.02);
        fc.pre(world.state.plan.status === 'completed');
        const oldestFirst = world.hub.history(world.hub.tip).reverse();
        const order = oldestFirst.map(({ taskId }) => taskId);
        expect(world.state.plan.tipCommit).toBe(world.hub.tip ?? world.state.plan.baseCommit);
        for (const task of world.state.tasks) {
          expect(order.filter((id) => id === task.id)).toHaveLength(task.commitSha === null ? 0 : 1);
          if (task.commitSha === null) continue;
          expect(oldestFirst.find(({ taskId }) => taskId === task.id)?.id).toBe(task.commitSha);
          for (const id of task.dependsOn.filter((dependency) => order.includes(dependency))) {
            expect(order.indexOf(id)).toBeLessThan(order.indexOf(task.id));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('puts onto the branch only diffs that a person let there, where a person has to', () => {
    fc.assert(
      fc.property(schedule, ({ plan, seed, steps, failureRate }) => {
        const world = startedWorld(plan, mulberry(seed));
        scheduleSteps(world, steps, failureRate);
        settleFairly(world, failureRate);
        const { plan: row, phases, tasks } = world.state;
        for (const { phaseId, commitSha, approvedPatch } of tasks) {
          const phase = phases.find(({ id }) => id === phaseId);
          if (commitSha !== null && phase !== undefined && needsReview(row, phase.approval))
            expect(world.hub.patchOf(commitSha)).toBe(approvedPatch);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('cancelled at any moment, ends with nothing open, and the branch holds what its rows call completed', () => {
    fc.assert(
      fc.property(schedule, fc.nat(60), ({ plan, seed, steps, failureRate }, after) => {
        const world = startedWorld(plan, mulberry(seed));
        scheduleSteps(world, steps, failureRate);
        world.cancel();
        fc.pre(world.state.plan.status === 'cancelling');
        scheduleSteps(world, after, failureRate);
        settleFairly(world, failureRate);
        expect(world.state.plan.status).toBe('cancelled');
        const { tip } = world.hub;
        const landed = world.hub.history(tip);
        expect(world.state.plan.tipCommit).toBe(tip ?? world.state.plan.baseCommit);
        const completed = world.state.tasks.filter(({ commitSha }) => commitSha !== null);
        expect(landed.map(({ id }) => id).sort()).toEqual(completed.map(({ commitSha }) => commitSha).sort());
        const rows = JSON.stringify(world.state);
        scheduleSteps(world, 30, failureRate);
        expect([JSON.stringify(world.state), world.hub.tip]).toEqual([rows, tip]);
      }),
      { numRuns: 400 },
    );
  });

  it('goes on after any pause, and completes once what failed is tried again and fails no more', () => {
    fc.assert(
      fc.property(schedule, ({ plan, seed, steps, failureRate }) => {
        const world = startedWorld(plan, mulberry(seed));
        scheduleSteps(world, steps, failureRate);
        fc.pre(!['cancelling', 'cancelled'].includes(world.state.plan.status));
        for (let turn = 0; world.state.plan.status !== 'completed' && turn < 20; turn += 1) {
          world.resume();
          new People(world).skipBlocked();
          settleFairly(world, 0);
        }
        expect(world.state.plan.status).toBe('completed');
      }),
      { numRuns: 200 },
    );
  });

  it('says that each task was done at most once, and that the plan was', () => {
    fc.assert(
      fc.property(schedule, ({ plan, seed, steps, failureRate }) => {
        const world = startedWorld(plan, mulberry(seed));
        scheduleSteps(world, steps, failureRate);
        settleFairly(world, failureRate);
        const done = world.model.events
          .filter(({ type }) => ['task.completed', 'task.satisfied', 'plan.completed'].includes(type))
          .map(({ payload }) => payload['task'] ?? 'plan');
        expect(new Set(done).size).toBe(done.length);
      }),
      { numRuns: 100 },
    );
  });
});
