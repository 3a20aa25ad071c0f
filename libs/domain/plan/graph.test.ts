import fc from 'fast-check';
import { findGraphProblems, planEdges, type GraphPhase } from './graph.js';

const tasks = (...entries: [key: string, ...dependsOn: string[]][]) =>
  entries.map(([key, ...dependsOn]) => ({ key, dependsOn }));
const parallel = (...entries: [string, ...string[]][]): GraphPhase => ({
  name: 'p',
  sequential: false,
  tasks: tasks(...entries),
});
const sequential = (...entries: [string, ...string[]][]): GraphPhase => ({
  ...parallel(...entries),
  sequential: true,
});

describe('findGraphProblems', () => {
  it('accepts dependencies within a phase and on earlier phases', () => {
    expect(findGraphProblems([parallel(['a'], ['b', 'a']), sequential(['c', 'b'], ['d', 'a', 'c'])])).toEqual(
      [],
    );
  });

  it('names an unknown dependency and its place', () => {
    expect(findGraphProblems([parallel(['a'], ['b', 'a', 'nobody'])])).toEqual([
      {
        phase: 0,
        task: 1,
        dependency: 1,
        message: 'task "b" depends on "nobody", which no task has as its key',
      },
    ]);
  });

  it('refuses a task that depends on itself', () => {
    expect(findGraphProblems([parallel(['a', 'a'])])).toEqual([
      { phase: 0, task: 0, dependency: 0, message: 'task "a" depends on itself' },
    ]);
  });

  it('refuses a repeated dependency at its second place only', () => {
    expect(findGraphProblems([parallel(['a'], ['b', 'a', 'a'])])).toEqual([
      { phase: 0, task: 1, dependency: 1, message: 'task "b" depends on "a" twice' },
    ]);
  });

  it('refuses a dependency on a later phase as a cycle', () => {
    const [problem, ...others] = findGraphProblems([parallel(['a', 'b']), parallel(['b'])]);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ phase: 0, task: 0, dependency: 0 });
    expect(problem?.message).toContain('later phase');
  });

  it('refuses two tasks with one key, also across phases, at the second', () => {
    const found = findGraphProblems([parallel(['a'], ['b']), parallel(['c'], ['a'])]);
    expect(found).toEqual([{ phase: 1, task: 1, message: 'two tasks have the key "a"' }]);
  });

  it('lists every problem, not only the first', () => {
    const found = findGraphProblems([parallel(['a', 'a', 'x'], ['b', 'y'])]);
    expect(found.map(({ task, dependency }) => [task, dependency])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ]);
  });

  it('shows the path of a cycle, closed, without the tasks that only wait behind it', () => {
    const found = findGraphProblems([parallel(['z', 'a'], ['a', 'b'], ['b', 'c'], ['c', 'a'], ['free'])]);
    expect(found).toHaveLength(1);
    const names = found[0]?.message.replace('tasks wait for each other: ', '').split(' → ') ?? [];
    expect(names.at(0)).toBe(names.at(-1));
    expect([...new Set(names)].sort()).toEqual(['a', 'b', 'c']);
    const edges: Record<string, string> = { a: 'b', b: 'c', c: 'a' };
    for (const [index, name] of names.slice(0, -1).entries()) expect(names[index + 1]).toBe(edges[name]);
  });

  it('places a cycle at a task that lies on it', () => {
    const [problem] = findGraphProblems([parallel(['x']), parallel(['z', 'a'], ['a', 'b'], ['b', 'a'])]);
    expect(problem?.phase).toBe(1);
    expect([1, 2]).toContain(problem?.task);
  });

  it('counts the order of a sequential phase as a dependency', () => {
    expect(findGraphProblems([parallel(['a', 'b'], ['b'])])).toEqual([]);
    const [problem] = findGraphProblems([sequential(['a', 'b'], ['b'])]);
    expect(problem?.message).toContain('wait for each other');
  });

  it('finds a cycle through the order of a sequential phase across several tasks', () => {
    const [problem] = findGraphProblems([sequential(['a', 'd'], ['b'], ['c'], ['d'])]);
    expect(problem?.message).toMatch(/^tasks wait for each other: /);
    for (const key of ['a', 'b', 'c', 'd']) expect(problem?.message).toContain(key);
  });

  it('handles ten thousand tasks in a row', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => ({
      key: `t${i}`,
      dependsOn: i ? [`t${i - 1}`] : [],
    }));
    expect(findGraphProblems([{ name: 'p', sequential: false, tasks: chain }])).toEqual([]);
  });
});

describe('planEdges', () => {
  it('gives one edge per dependency and one to the task before in a sequential phase', () => {
    expect(planEdges([sequential(['a'], ['b'], ['c', 'a']), parallel(['d', 'c'], ['e'])])).toEqual([
      { task: 'b', dependsOn: 'a', kind: 'sequence' },
      { task: 'c', dependsOn: 'a', kind: 'explicit' },
      { task: 'c', dependsOn: 'b', kind: 'sequence' },
      { task: 'd', dependsOn: 'c', kind: 'explicit' },
    ]);
  });

  it('counts an edge that is explicit and sequential once, as explicit', () => {
    expect(planEdges([sequential(['a'], ['b', 'a'])])).toEqual([
      { task: 'b', dependsOn: 'a', kind: 'explicit' },
    ]);
  });

  it('never links the first task of a sequential phase to the phase before', () => {
    expect(planEdges([parallel(['a']), sequential(['b'])])).toEqual([]);
  });
});

/** Random acyclic plans: tasks depend only on tasks before them in one order of all tasks. */
const dag = fc
  .array(fc.record({ sequential: fc.boolean(), size: fc.integer({ min: 1, max: 6 }) }), {
    minLength: 1,
    maxLength: 4,
  })
  .chain((shape) => {
    const count = shape.reduce((sum, { size }) => sum + size, 0);
    const picks = fc.array(fc.array(fc.nat({ max: 1_000 }), { maxLength: 4 }), {
      minLength: count,
      maxLength: count,
    });
    return picks.map((chosen) => {
      let at = 0;
      return shape.map(({ sequential: inOrder, size }, p): GraphPhase => ({
        name: `p${p}`,
        sequential: inOrder,
        tasks: Array.from({ length: size }, () => {
          const index = at;
          at += 1;
          const before = index === 0 ? [] : (chosen[index] ?? []).map((pick) => `t${pick % index}`);
          return { key: `t${index}`, dependsOn: [...new Set(before)] };
        }),
      }));
    });
  });

/** An order in which each task comes after all it depends on; null when there is none. Independent of the code. */
function orderOf(phases: readonly GraphPhase[]): string[] | null {
  const waiting = new Map<string, Set<string>>();
  for (const phase of phases) {
    phase.tasks.forEach((task, i) => {
      const before = phase.sequential ? phase.tasks[i - 1] : undefined;
      waiting.set(task.key, new Set([...task.dependsOn, ...(before ? [before.key] : [])]));
    });
  }
  const order: string[] = [];
  while (waiting.size > 0) {
    const next = [...waiting].find(([, deps]) => [...deps].every((dep) => order.includes(dep)));
    if (next === undefined) return null;
    order.push(next[0]);
    waiting.delete(next[0]);
  }
  return order;
}

describe('properties of random plans', () => {
  it('accepts every acyclic plan', () => {
    fc.assert(
      fc.property(dag, (phases) => {
        expect(findGraphProblems(phases)).toEqual([]);
        expect(orderOf(phases)).not.toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('refuses every plan in which one more dependency inside a phase closes a cycle', () => {
    const pairs = fc.tuple(dag, fc.nat(), fc.nat(), fc.nat());
    fc.assert(
      fc.property(pairs, ([phases, phasePick, fromPick, toPick]) => {
        const p = phasePick % phases.length;
        const inPhase = phases[p]?.tasks ?? [];
        fc.pre(inPhase.length > 1);
        const from = inPhase[fromPick % inPhase.length];
        const to = inPhase[toPick % inPhase.length];
        fc.pre(
          from !== undefined && to !== undefined && from.key !== to.key && !from.dependsOn.includes(to.key),
        );
        const changed = phases.map((phase) => ({
          ...phase,
          tasks: phase.tasks.map((task) =>
            task.key === from?.key ? { ...task, dependsOn: [...task.dependsOn, to?.key ?? ''] } : task,
          ),
        }));
        const problems = findGraphProblems(changed);
        expect(problems.length > 0).toBe(orderOf(changed) === null);
      }),
      { numRuns: 500 },
    );
  });

  it('gives every task of a sequential phase but the first an edge to the task before it, and no edge twice', () => {
    fc.assert(
      fc.property(dag, (phases) => {
        const edges = planEdges(phases).map((edge) => `${edge.task}>${edge.dependsOn}`);
        expect(new Set(edges).size).toBe(edges.length);
        for (const phase of phases.filter((one) => one.sequential)) {
          phase.tasks
            .slice(1)
            .forEach((task, i) => expect(edges).toContain(`${task.key}>${phase.tasks[i]?.key}`));
        }
      }),
    );
  });
});
