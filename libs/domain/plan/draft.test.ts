import fc from 'fast-check';
import {
  addPhase,
  addTask,
  deletePhase,
  deleteTask,
  draftChanges,
  edgesOf,
  updatePhase,
  updateTask,
  type Draft,
  type DraftTask,
} from './draft.js';

function task(number: number, dependsOn: readonly string[] = []): DraftTask {
  return {
    id: `t${number}`,
    number,
    key: `k${number}`,
    title: `Task ${number}`,
    prompt: '',
    writtenBy: 'person',
    executor: { command: 'true' },
    effect: 'change',
    assignedTo: null,
    mayChange: [],
    writes: [],
    supersedes: [],
    needs: [],
    profile: null,
    maxAttempts: 3,
    spec: null,
    dependsOn,
  };
}

const phase = (id: string, tasks: readonly DraftTask[]) => ({
  id,
  name: id,
  description: '',
  mode: 'parallel' as const,
  approval: 'none' as const,
  atEnd: 'continue' as const,
  concurrency: null,
  successCriteria: [],
  tasks,
});

const DRAFT: Draft = {
  name: 'Plan',
  description: '',
  metadata: {},
  target: 'main',
  concurrency: 4,
  priority: 0,
  autoCommit: true,
  budget: null,
  setup: null,
  maxAttempts: 3,
  phases: [phase('a', [task(1), task(2, ['k1'])]), phase('b', [task(3, ['k2'])])],
};

const shape = (draft: Draft) => draft.phases.map((each) => [each.id, each.tasks.map(({ id }) => id)]);

describe('editing a draft', () => {
  it('adds at the end, or at a place', () => {
    expect(shape(addTask(DRAFT, 'a', task(4)))).toEqual([
      ['a', ['t1', 't2', 't4']],
      ['b', ['t3']],
    ]);
    expect(shape(addTask(DRAFT, 'a', task(4), 1))[0]).toEqual(['a', ['t4', 't1', 't2']]);
    expect(shape(addPhase(DRAFT, phase('c', []), 2)).map(([id]) => id)).toEqual(['a', 'c', 'b']);
    expect(shape(addPhase(DRAFT, phase('c', []), 99)).map(([id]) => id)).toEqual(['a', 'b', 'c']);
  });

  it('moves within a phase and between phases', () => {
    expect(shape(updateTask(DRAFT, 't1', {}, { position: 2 }))[0]).toEqual(['a', ['t2', 't1']]);
    expect(shape(updateTask(DRAFT, 't3', {}, { phaseId: 'a', position: 1 }))).toEqual([
      ['a', ['t3', 't1', 't2']],
      ['b', []],
    ]);
    expect(shape(updatePhase(DRAFT, 'b', {}, 1)).map(([id]) => id)).toEqual(['b', 'a']);
  });

  it('a task under a new key keeps those that wait for it', () => {
    const renamed = updateTask(DRAFT, 't1', { key: 'first' });
    expect(renamed.phases[0]?.tasks[1]?.dependsOn).toEqual(['first']);
    expect(() => edgesOf(renamed)).not.toThrow();
  });

  it('names what it does not find', () => {
    expect(() => updateTask(DRAFT, 'nobody', {})).toThrow('no task nobody');
    expect(() => deletePhase(DRAFT, 'nobody')).toThrow('no phase nobody');
    expect(() => addTask(DRAFT, 'nobody', task(9))).toThrow('no phase nobody');
  });
});

describe('a draft that would not hold together is refused with its place', () => {
  const problemsOf = (draft: Draft) => {
    try {
      edgesOf(draft);
    } catch (error) {
      return (error as { problems: { path: string; message: string }[] }).problems;
    }
    return [];
  };

  it.each([
    ['a dependency deleted', deleteTask(DRAFT, 't1'), 'phases[0].tasks[0].dependsOn[0]'],
    ['a dependency moved behind', updatePhase(DRAFT, 'a', {}, 2), 'phases[0].tasks[0].dependsOn[0]'],
    ['a cycle', updateTask(DRAFT, 't1', { dependsOn: ['k2'] }), 'phases[0].tasks[0]'],
    ['a key taken twice', updateTask(DRAFT, 't2', { key: 'k1' }), 'phases[0].tasks[1]'],
  ])('%s', (_, draft, path) => {
    expect(problemsOf(draft).map((problem) => problem.path)).toContain(path);
  });
});

describe('what an edit changed', () => {
  it('names the leaf, before and after', () => {
    const after = updateTask(DRAFT, 't2', { title: 'Other', dependsOn: [] });
    expect(draftChanges(DRAFT, after)).toEqual([
      { path: 'tasks[2].title', before: 'Task 2', after: 'Other' },
      { path: 'tasks[2].dependsOn', before: ['k1'], after: [] },
    ]);
  });

  it('is nothing for an edit that changes nothing, and undone by its reverse', () => {
    const moves = fc.record({
      id: fc.constantFrom('t1', 't2', 't3'),
      position: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(moves, ({ id, position }) => {
        const home = DRAFT.phases.find((each) => each.tasks.some((one) => one.id === id));
        const place = (home?.tasks.findIndex((one) => one.id === id) ?? 0) + 1;
        const moved = updateTask(DRAFT, id, {}, { position });
        const back = updateTask(moved, id, {}, { position: place });
        expect(draftChanges(DRAFT, back)).toEqual([]);
      }),
    );
  });
});
