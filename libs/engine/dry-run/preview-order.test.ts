import * as fc from 'fast-check';
import { planEdges, type GraphPhase } from '#domain/plan/graph.js';
import { scopesOverlap } from '#domain/plan/schedule.js';
import { findCollisions, previewSteps } from './preview-order.js';

const phase = (sequential: boolean, tasks: Readonly<Record<string, readonly string[]>>): GraphPhase => ({
  name: 'p',
  sequential,
  tasks: Object.entries(tasks).map(([key, dependsOn]) => ({ key, dependsOn })),
});
const scopes = (entries: Readonly<Record<string, readonly string[]>> = {}) =>
  new Map(Object.entries(entries));

const SCOPES = ['src/**', 'src/a/**', 'docs/**', 'README.md'];

/** Up to three phases of up to six tasks, which depend on any tasks before them. */
const plans = fc
  .array(
    fc.record({
      sequential: fc.boolean(),
      tasks: fc.array(
        fc.record({ back: fc.array(fc.nat(17), { maxLength: 3 }), scope: fc.subarray(SCOPES) }),
        { minLength: 1, maxLength: 6 },
      ),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .chain((phases) => fc.record({ phases: fc.constant(phases), concurrency: fc.integer({ min: 1, max: 4 }) }))
  .map(({ phases, concurrency }) => {
    const keys: string[] = [];
    const writeScopes = new Map<string, readonly string[]>();
    const graph = phases.map(({ sequential, tasks }, p): GraphPhase => ({
      name: `p${p}`,
      sequential,
      tasks: tasks.map(({ back, scope }) => {
        const dependsOn = [...new Set(back.flatMap((at) => keys[at] ?? []))];
        const key = `t${keys.length}`;
        keys.push(key);
        writeScopes.set(key, scope);
        return { key, dependsOn };
      }),
    }));
    return { graph, writeScopes, concurrency };
  });

it('every task is in exactly one step, after all that it waits for and after all phases before', () => {
  fc.assert(
    fc.property(plans, (input) => {
      const steps = previewSteps(input);
      const keys = input.graph.flatMap(({ tasks }) => tasks.map((task) => task.key));
      expect(steps.flat().sort()).toEqual([...keys].sort());
      const stepOf = new Map(steps.flatMap((step, at) => step.map((key) => [key, at] as const)));
      const at = (key: string) => stepOf.get(key) ?? -1;
      for (const { task, dependsOn } of planEdges(input.graph)) expect(at(dependsOn)).toBeLessThan(at(task));
      input.graph.slice(1).forEach((later, p) => {
        const ends = Math.max(...(input.graph[p]?.tasks ?? []).map((task) => at(task.key)));
        for (const task of later.tasks) expect(at(task.key)).toBeGreaterThan(ends);
      });
    }),
  );
});

it('no step has more tasks than there are slots, nor two whose scopes may meet', () => {
  fc.assert(
    fc.property(plans, (input) => {
      for (const step of previewSteps(input)) {
        expect(step.length).toBeLessThanOrEqual(input.concurrency);
        step.forEach((a, index) =>
          step.slice(index + 1).forEach((b) => {
            expect(scopesOverlap(input.writeScopes.get(a) ?? [], input.writeScopes.get(b) ?? [])).toBe(false);
          }),
        );
      }
    }),
  );
});

describe('a collision', () => {
  it('is two tasks of one phase that nothing else keeps apart', () => {
    const graph = [phase(false, { a: [], b: [], c: [] })];
    const writeScopes = scopes({ a: ['src/**'], b: ['docs/**'], c: ['src/x.ts'] });
    expect(findCollisions({ graph, writeScopes, concurrency: 4 })).toEqual([
      { tasks: ['a', 'c'], scopes: [['src/**'], ['src/x.ts']] },
    ]);
  });

  it.each([
    ['wait for each other', [phase(false, { a: [], b: ['a'] })]],
    ['wait for each other through a third', [phase(false, { a: [], b: ['m'], m: ['a'] })]],
    ['stand in a sequential phase', [phase(true, { a: [], b: [] })]],
    ['stand in different phases', [phase(false, { a: [] }), phase(false, { b: [] })]],
  ])('is not two tasks that %s', (_, graph) => {
    const writeScopes = scopes({ a: ['src/**'], b: ['src/**'] });
    expect(findCollisions({ graph, writeScopes, concurrency: 4 })).toEqual([]);
  });

  it('is found in a phase of thousands of tasks in a chain, without running out of stack', () => {
    const keys = Array.from({ length: 3_000 }, (_, index) => `t${index}`);
    const tasks = Object.fromEntries(keys.map((key, at) => [key, at === 0 ? [] : [`t${at - 1}`]]));
    const graph = [phase(false, { ...tasks, free: [] })];
    const writeScopes = scopes({ t0: ['src/**'], t2999: ['src/**'], free: ['src/**'] });
    expect(findCollisions({ graph, writeScopes, concurrency: 4 }).map(({ tasks: pair }) => pair)).toEqual([
      ['t0', 'free'],
      ['t2999', 'free'],
    ]);
  });
});
