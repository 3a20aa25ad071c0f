import { DomainError } from '../domain-error.js';
import {
  addPhase,
  addTask,
  deletePhase,
  deleteTask,
  updatePhase,
  updateTask,
  type Draft,
  type DraftPhase,
  type DraftTask,
} from './draft.js';
import { checkEditable, checkPlanEditable, type EditState, type TaskStanding } from './editable.js';
import type { PhaseStatus } from './phase.machine.js';
import { PLAN_STATUSES } from './plan.machine.js';
import { TASK_OPEN_TO_EDITS, TASK_STATUSES, type TaskStatus } from './task.machine.js';

function task(number: number, over: Partial<DraftTask> = {}): DraftTask {
  return {
    id: `t${number}`,
    number,
    key: `k${number}`,
    title: `Task ${number}`,
    prompt: '',
    writtenBy: 'person',
    executor: { kind: 'command', command: 'true' },
    effect: 'change',
    assignedTo: null,
    mayChange: [],
    writes: [],
    supersedes: [],
    needs: [],
    profile: null,
    maxAttempts: 3,
    spec: null,
    dependsOn: [],
    ...over,
  };
}

function phase(id: string, tasks: readonly DraftTask[]): DraftPhase {
  const fields = { description: '', mode: 'parallel', approval: 'none', atEnd: 'continue' } as const;
  return { id, name: id, ...fields, concurrency: null, successCriteria: [], tasks };
}

/** Phase `a` is over, `b` runs, `c` and `d` have not begun. */
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
    phase('a', [task(1)]),
    phase('b', [task(2), task(3), task(4)]),
    phase('c', [task(5)]),
    phase('d', [task(6), task(7)]),
  ],
};

function standing(
  tasks: Record<string, TaskStatus | TaskStanding> = {},
  phases: Record<string, PhaseStatus> = {},
  plan: Partial<EditState['plan']> = {},
): EditState {
  const all = { t1: 'completed', t2: 'executing', t3: 'ready', t4: 'pending', ...tasks };
  return {
    plan: { number: 1, status: 'running', activeTasks: 1, ...plan },
    phases: new Map(Object.entries({ a: 'completed', b: 'running', c: 'pending', d: 'pending', ...phases })),
    tasks: new Map(
      Object.entries(all).map(([id, is]) => [
        id,
        typeof is === 'string' ? { status: is as TaskStatus, attempts: 0 } : is,
      ]),
    ),
  };
}

const edit = (after: Draft, state = standing()) => checkEditable(DRAFT, after, state);

function refusal(run: () => void): DomainError {
  try {
    run();
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a plan', () => {
  const EDITABLE = ['draft', 'ready', 'running', 'pausing', 'paused'];

  it.each(PLAN_STATUSES)('that is %s', (status) => {
    const check = () => checkPlanEditable(standing({}, {}, { status }));
    if (EDITABLE.includes(status)) check();
    else expect(refusal(check)).toMatchObject({ code: 'conflict', message: expect.stringContaining(status) });
  });

  it('keeps its setup while a task is under way, and nothing else', () => {
    const setup = { run: ['npm ci'] };
    expect(refusal(() => edit({ ...DRAFT, setup })).message).toContain('setup');
    edit({ ...DRAFT, setup }, standing({}, {}, { activeTasks: 0 }));
    edit({ ...DRAFT, name: 'x', target: 'next', concurrency: 1, priority: 9, autoCommit: false });
  });
});

describe('a task', () => {
  const PINNED = TASK_STATUSES.filter((status) => !TASK_OPEN_TO_EDITS.includes(status));
  const CHANGES: readonly Partial<DraftTask>[] = [
    { key: 'other' },
    { title: 'x' },
    { prompt: 'x' },
    { executor: { kind: 'external' } },
    { effect: 'none' },
    { spec: { yaml: 'x', hash: 'x' } },
    { dependsOn: ['k1'] },
    { maxAttempts: 9 },
  ];

  it.each(PINNED)('that is %s keeps everything, and says what can be done', (status) => {
    for (const change of CHANGES) {
      const refused = refusal(() => edit(updateTask(DRAFT, 't3', change), standing({ t3: status })));
      expect(refused).toMatchObject({ code: 'conflict' });
      expect(refused.message).toContain(`Task 1.3 is ${status}; its ${Object.keys(change)[0]} cannot change`);
      expect(refused.remedy).toBeDefined();
    }
    expect(() => edit(deleteTask(DRAFT, 't3'), standing({ t3: status }))).toThrow('cannot be deleted');
    const moved = updateTask(DRAFT, 't3', {}, { phaseId: 'c' });
    expect(() => edit(moved, standing({ t3: status }))).toThrow('cannot move');
  });

  it.each(TASK_OPEN_TO_EDITS)('that is %s may change', (status) => {
    for (const change of CHANGES) edit(updateTask(DRAFT, 't3', change), standing({ t3: status }));
    edit(deleteTask(DRAFT, 't3'), standing({ t3: status }));
  });

  it('that failed stays in its phase; any other that has not begun may leave it', () => {
    const moved = updateTask(DRAFT, 't3', {}, { phaseId: 'c' });
    expect(() => edit(moved, standing({ t3: 'failed' }))).toThrow('Task 1.3 is failed; it cannot move');
    for (const status of TASK_OPEN_TO_EDITS.filter((each) => each !== 'failed'))
      edit(moved, standing({ t3: status }));
  });

  it('with attempts is not deleted: its history stays', () => {
    const tried = standing({ t3: { status: 'failed', attempts: 2 } });
    expect(refusal(() => edit(deleteTask(DRAFT, 't3'), tried)).remedy).toContain('Skip it');
  });

  it('that has begun depends on the same task under a new key', () => {
    const waits = updateTask(DRAFT, 't3', { dependsOn: ['k4'] });
    checkEditable(waits, updateTask(waits, 't4', { key: 'new' }), standing({ t3: 'skipped' }));
  });

  it('takes no place before one that has begun; behind it, any', () => {
    const one = task(9);
    expect(() => edit(addTask(DRAFT, 'b', one, 1))).toThrow('Task 1.2 is executing; no other task');
    expect(() => edit(updateTask(DRAFT, 't4', {}, { position: 1 }))).toThrow('Task 1.2 is executing');
    for (const place of [2, 3, undefined]) edit(addTask(DRAFT, 'b', one, place));
    edit(updateTask(DRAFT, 't4', {}, { position: 2 }));
  });

  it('may leave its place before one that has begun', () => {
    const last = standing({ t2: 'pending', t4: 'executing' });
    edit(deleteTask(DRAFT, 't2'), last);
    edit(updateTask(DRAFT, 't2', {}, { position: 3 }), last);
    expect(() => edit(updateTask(DRAFT, 't4', {}, { position: 1 }), last)).not.toThrow();
    expect(() => edit(updateTask(DRAFT, 't4', {}, { phaseId: 'c' }), last)).toThrow('cannot move');
  });
});

describe('a phase', () => {
  it.each([
    ['running', ['name', 'description', 'successCriteria', 'atEnd', 'concurrency']],
    ['awaiting_approval', ['name', 'description', 'successCriteria']],
    ['completed', []],
    ['skipped', []],
    ['pending', ['name', 'description', 'successCriteria', 'atEnd', 'concurrency', 'mode', 'approval']],
  ] as const)('that is %s may change %j', (status, allowed) => {
    const fields = {
      name: 'x',
      description: 'x',
      successCriteria: ['x'],
      atEnd: 'approve',
      concurrency: 2,
      mode: 'sequential',
      approval: 'both',
    } as const;
    for (const field of Object.keys(fields) as (keyof typeof fields)[]) {
      const after = updatePhase(DRAFT, 'b', { [field]: fields[field] });
      const state = standing({ t2: 'pending' }, { b: status });
      if ((allowed as readonly string[]).includes(field)) edit(after, state);
      else expect(refusal(() => edit(after, state)).message).toContain(`is ${status}; its ${field}`);
    }
  });

  it('is added and moved behind those that have begun only', () => {
    const empty = phase('new', []);
    expect(refusal(() => edit(addPhase(DRAFT, empty, 2)))).toMatchObject({
      message: expect.stringContaining('Phase 2 "b" of plan 1 is running; no other phase'),
      remedy: expect.stringContaining('is 3'),
    });
    for (const place of [3, 4, undefined]) edit(addPhase(DRAFT, empty, place));
    edit(updatePhase(DRAFT, 'd', {}, 3));
    expect(() => edit(updatePhase(DRAFT, 'd', {}, 1))).toThrow('no other phase can be placed before it');
    expect(() => edit(updatePhase(DRAFT, 'b', {}, 1))).toThrow('no other phase can be placed before it');
  });

  it('is deleted only before it has begun, and without tasks that ended', () => {
    edit(deletePhase(DRAFT, 'd'));
    expect(() => edit(deletePhase(DRAFT, 'd'), standing({ t6: 'skipped' }))).toThrow('Task 1.6 is skipped');
    expect(() => edit(deletePhase(DRAFT, 'b'))).toThrow('Phase 2 "b" of plan 1 is running; it cannot be');
  });

  it.each(['awaiting_approval', 'completed', 'skipped'] as const)('that is %s takes no task', (status) => {
    const state = standing({ t2: 'completed' }, { b: status });
    expect(() => edit(addTask(DRAFT, 'b', task(9)), state)).toThrow('it takes no more tasks');
    expect(() => edit(updateTask(DRAFT, 't5', {}, { phaseId: 'b' }), state)).toThrow('takes no more');
  });
});
