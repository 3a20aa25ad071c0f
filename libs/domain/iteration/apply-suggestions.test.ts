import fc from 'fast-check';
import { anyEdit, applyEdit } from '#testing/draft-edits.js';
import { DomainError } from '../domain-error.js';
import { edgesOf, updateTask, type Draft, type DraftTask } from '../plan/draft.js';
import { applySuggestions } from './apply-suggestions.js';
import { phaseBefore, placeOf } from './staleness.js';
import type { Change, SuggestedTask } from './suggestion.js';

function suggested(key: string, dependsOn: readonly string[] = []): SuggestedTask {
  return {
    key,
    title: `Task ${key}`,
    prompt: '',
    executor: { kind: 'external' },
    writtenBy: 'model',
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

const task = (number: number, dependsOn: readonly string[] = []): DraftTask => ({
  ...suggested(`k${number}`, dependsOn),
  id: `t${number}`,
  number,
});

const PHASE = {
  description: '',
  mode: 'parallel',
  approval: 'none',
  atEnd: 'continue',
  concurrency: null,
  successCriteria: [],
} as const;

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
  phases: [
    { ...PHASE, id: 'a', name: 'A', tasks: [task(1), task(2, ['k1']), task(3, ['k2'])] },
    { ...PHASE, id: 'b', name: 'B', tasks: [task(4, ['k2'])] },
  ],
};

function fresh() {
  let next = 100;
  return { id: () => `new-${next++}`, number: () => next++ };
}

function apply(draft: Draft, ...changes: Change[]) {
  const chosen = changes.map((change, index) => ({ index, suggestion: { change, reason: 'because' } }));
  return applySuggestions(draft, chosen, fresh(), edgesOf);
}

const find = (draft: Draft, key: string) =>
  draft.phases.flatMap(({ tasks }) => tasks).find((each) => each.key === key);
const keys = (draft: Draft) => draft.phases.map(({ tasks }) => tasks.map(({ key }) => key));
const at = (index: number): DraftTask => DRAFT.phases[0]?.tasks[index] ?? task(0);

describe('suggestions', () => {
  it('change the fields that they name', () => {
    const { draft, applied } = apply(DRAFT, {
      operation: 'update_task',
      taskId: 't1',
      before: { title: 'Task k1' },
      after: { title: 'Better' },
    });
    expect(applied).toEqual([0]);
    expect(find(draft, 'k1')).toEqual({ ...at(0), title: 'Better' });
  });

  it('add tasks and phases behind what they name, or in front', () => {
    const { draft } = apply(
      DRAFT,
      { operation: 'add_task', place: { phaseId: 'a', after: 'k1' }, task: suggested('x', ['k1']) },
      { operation: 'add_task', place: { phaseId: 'b', after: null }, task: suggested('y') },
      {
        operation: 'add_phase',
        afterPhaseId: 'a',
        phase: { ...PHASE, name: 'M', tasks: [suggested('m', ['k3'])] },
      },
    );
    expect(keys(draft)).toEqual([['k1', 'x', 'k2', 'k3'], ['m'], ['y', 'k4']]);
  });

  it('remove a task so that who waited for it waits for what it waited for', () => {
    const { draft } = apply(DRAFT, { operation: 'remove_task', taskId: 't2', before: at(1) });
    expect(keys(draft)).toEqual([['k1', 'k3'], ['k4']]);
    expect(find(draft, 'k3')?.dependsOn).toEqual(['k1']);
    expect(find(draft, 'k4')?.dependsOn).toEqual(['k1']);
  });

  it('split a task in its place: its first parts wait for what it waited for, others wait for its last', () => {
    const into = [suggested('p1'), suggested('p2', ['p1']), suggested('p3', ['p1'])];
    const { draft } = apply(DRAFT, { operation: 'split_task', taskId: 't2', before: at(1), into });
    expect(keys(draft)).toEqual([['k1', 'p1', 'p2', 'p3', 'k3'], ['k4']]);
    expect(find(draft, 'p1')?.dependsOn).toEqual(['k1']);
    expect(find(draft, 'k3')?.dependsOn).toEqual(['p2', 'p3']);
    expect(find(draft, 'k4')?.dependsOn).toEqual(['p2', 'p3']);
  });

  it('do not split a task whose contracts another one supersedes', () => {
    const draft = updateTask(DRAFT, 't4', { supersedes: ['k2.rule'] });
    const { refused } = apply(draft, {
      operation: 'split_task',
      taskId: 't2',
      before: at(1),
      into: [suggested('p1'), suggested('p2')],
    });
    expect(refused).toEqual([{ index: 0, reason: expect.stringContaining('"k4" supersedes') as string }]);
  });

  it('move tasks and phases, and refuse an order in which a task would wait for a later one', () => {
    const place = { phaseId: 'a', after: 'k1' };
    const { draft, refused } = apply(
      DRAFT,
      {
        operation: 'move_task',
        taskId: 't3',
        before: { phaseId: 'a', after: 'k2' },
        after: { phaseId: 'b', after: null },
      },
      { operation: 'move_task', taskId: 't2', before: place, after: { phaseId: 'b', after: 'k4' } },
      { operation: 'move_phase', phaseId: 'b', before: 'a', after: null },
    );
    expect(keys(draft)).toEqual([['k1'], ['k3', 'k4', 'k2']]);
    expect(refused).toEqual([
      { index: 2, reason: expect.stringContaining('no longer hold together') as string },
    ]);
  });

  it('are left out one by one when their target changed, moved or is gone', () => {
    const update = { operation: 'update_task', taskId: 't1', before: { title: 'Task k1' } } as const;
    const { draft, applied, refused } = apply(
      DRAFT,
      { ...update, after: { title: 'First' } },
      { ...update, after: { title: 'Second' } },
      { operation: 'remove_task', taskId: 't1', before: at(0) },
      { operation: 'update_task', taskId: 'gone', before: {}, after: { title: 'x' } },
      { operation: 'add_task', place: { phaseId: 'a', after: 'k4' }, task: suggested('x') },
      { operation: 'add_task', place: { phaseId: 'a', after: null }, task: suggested('k3') },
      { operation: 'move_phase', phaseId: 'b', before: null, after: null },
    );
    expect(find(draft, 'k1')?.title).toBe('First');
    expect(applied).toEqual([0]);
    expect(refused.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(refused[0]?.reason).toBe('Changed since: title.');
  });

  it('know their target again after a way through JSON, whatever the order of its keys', () => {
    const reversed = Object.fromEntries(Object.entries(at(0)).reverse()) as unknown as DraftTask;
    const { applied } = apply(DRAFT, { operation: 'remove_task', taskId: 't1', before: reversed });
    expect(applied).toEqual([0]);
  });
});

/** A change to anything that the draft has, as a reviewer who saw it would suggest it. */
function anyChange(draft: Draft, [kind = 0, pick = 0, other = 0]: readonly number[]): Change | null {
  const tasks = draft.phases.flatMap((phase) => phase.tasks);
  const phase = draft.phases[other % (draft.phases.length || 1)];
  const chosen = tasks[pick % (tasks.length || 1)];
  if (phase === undefined || chosen === undefined) return null;
  const { id: taskId } = chosen;
  const place = { phaseId: phase.id, after: phase.tasks[pick % (phase.tasks.length || 1)]?.key ?? null };
  const name = `new-${kind}-${pick}-${other}`;
  const changes: Change[] = [
    { operation: 'update_task', taskId, before: { title: chosen.title }, after: { title: name } },
    { operation: 'add_task', place, task: suggested(name) },
    { operation: 'remove_task', taskId, before: chosen },
    { operation: 'split_task', taskId, before: chosen, into: [suggested(name), suggested(`${name}-2`)] },
    {
      operation: 'move_task',
      taskId,
      before: placeOf(draft, taskId) ?? place,
      after: { ...place, after: null },
    },
    { operation: 'update_phase', phaseId: phase.id, before: { name: phase.name }, after: { name } },
    { operation: 'remove_phase', phaseId: phase.id, before: phase },
    { operation: 'move_phase', phaseId: phase.id, before: phaseBefore(draft, phase.id), after: null },
  ];
  return changes[kind % changes.length] ?? null;
}

test('whatever is suggested and edited in between, the plan holds together and keeps what nobody named', () => {
  const picks = fc.array(fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(picks, fc.array(anyEdit, { maxLength: 4 }), (chosen, edits) => {
      const changes = chosen.flatMap((each) => anyChange(DRAFT, each) ?? []);
      let edited = DRAFT;
      edits.forEach((edit, at) => {
        try {
          const next = applyEdit(edit, edited, 50 + at);
          edgesOf(next);
          edited = next;
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
        }
      });
      const { draft, applied, refused } = apply(edited, ...changes);
      expect(() => edgesOf(draft)).not.toThrow();
      expect([...applied, ...refused.map(({ index }) => index)].sort((a, b) => a - b)).toEqual(
        changes.map((_, index) => index),
      );
      if (applied.length === 0) expect(draft).toBe(edited);
      const numbers = draft.phases.flatMap(({ tasks }) => tasks.map(({ number }) => number));
      expect(new Set(numbers).size).toBe(numbers.length);
    }),
  );
});
