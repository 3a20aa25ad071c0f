import type { ActiveAssignment } from '../../assignments/assignment.machine.js';
import { aPhase, aPlan, aSlice, aTask, anAttempt } from '#testing/plan-builder.js';
import type { Decision } from '../decision.js';
import type { TaskStatus } from '../task.machine.js';
import { decideAssign, decideHandOver, decidePauseAssignment } from './assign.js';
import { decideClaimTask, decideSubmit } from './by-hand.js';

const ADA = { name: 'Ada', kind: 'user' } as const;
const BOT = { name: 'bot', kind: 'agent' } as const;
const active = (over: Partial<ActiveAssignment> = {}): ActiveAssignment => ({
  id: 'first',
  status: 'started',
  assignee: ADA,
  context: { seen: 'a', open: 1 },
  startedAt: null,
  ...over,
});
const owned = (status: TaskStatus) => ({ plan: aPlan(), task: aTask({ status }) });
const hand = (status: TaskStatus, leaseSeconds: number | null = null) => ({
  slice: aSlice({ phase: aPhase({ openTasks: 2 }), task: aTask({ status, assigneeId: 'ada' }) }),
  attempt: status === 'claimed' ? anAttempt({ byHand: true, token: 0, leaseSeconds }) : null,
  othersFailed: false,
});
const over = (token?: string) => ({ id: 'next', to: BOT, note: 'over to you', context: { open: 2 }, token });
const moves = ({ changes }: Decision) =>
  changes.flatMap((change) => ('to' in change ? [`${change.entity} ${change.to}`] : []));

it('a task is assigned until it has ended, and to nobody, too', () => {
  const assigning = { id: 'next', to: ADA, note: 'please', context: {} };
  expect(decideAssign(owned('claimed'), assigning).changes).toEqual([
    {
      entity: 'assign',
      taskId: 'task',
      assignment: { id: 'next', to: ADA, note: 'please', context: {}, handedFrom: null },
    },
  ]);
  const nobody = decideAssign(owned('ready'), { ...assigning, to: null, note: null });
  expect(nobody.changes).toMatchObject([{ entity: 'assign', assignment: null }]);
  expect(nobody.events).toMatchObject([{ type: 'task.assigned', payload: { assignedTo: null } }]);
  for (const status of ['completed', 'satisfied', 'skipped', 'cancelled'] as const)
    expect(() => decideAssign(owned(status), assigning)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(`Task 1.1 is ${status};`) as unknown,
        remedy: expect.stringContaining('planwright show 1') as unknown,
      }),
    );
});

it('what is handed over carries its context on, and where it came from', () => {
  const decision = decideHandOver(hand('ready'), active(), over());
  expect(decision.changes).toEqual([
    {
      entity: 'assign',
      taskId: 'task',
      assignment: {
        id: 'next',
        to: BOT,
        note: 'over to you',
        context: { seen: 'a', open: 2 },
        handedFrom: 'first',
      },
    },
  ]);
  expect(decision.events).toMatchObject([
    { type: 'task.handed_over', payload: { from: 'Ada', assignedTo: 'bot' } },
  ]);
});

it('a claim of what is handed over is given back, under its token where it has a lease', () => {
  expect(moves(decideHandOver(hand('claimed'), active(), over()))).toEqual([
    'attempt cancelled',
    'task ready',
  ]);
  expect(() => decideHandOver(hand('claimed', 60), active(), over())).toThrow('no token is named');
  const token = hand('claimed').attempt?.id;
  expect(moves(decideHandOver(hand('claimed', 60), active(), over(token)))).toContain('task ready');
  expect(() => decideHandOver(hand('ready'), active(), over(token))).toThrow('not by the claim');
});

it('only what is somebody’s can be handed over or paused', () => {
  expect(() => decideHandOver(hand('ready'), null, over())).toThrow('assigned to nobody');
  expect(() => decidePauseAssignment(owned('ready'), null, 'pause')).toThrow('assigned to nobody');
  expect(() => decideHandOver(hand('completed'), active(), over())).toThrow('cannot be assigned any more');
});

it.each([
  ['pause', 'started', 'claimed', 'paused'],
  ['pause', 'assigned', 'ready', 'paused'],
  ['resume', 'paused', 'claimed', 'started'],
  ['resume', 'paused', 'ready', 'assigned'],
] as const)('%s: one that is %s, of a task that is %s, is %s', (step, from, task, to) => {
  const decision = decidePauseAssignment(owned(task), active({ status: from }), step);
  expect(decision.changes).toEqual([{ entity: 'assignment', id: 'first', from, to }]);
  expect(decision.events).toMatchObject([{ type: `task.assignment_${step}d` }]);
});

it('what is paused is not paused again, and what is not does not resume', () => {
  const refused = (message: string, next: string): Error =>
    expect.objectContaining({ message, remedy: expect.stringContaining(next) as unknown });
  expect(() => decidePauseAssignment(owned('ready'), active({ status: 'paused' }), 'pause')).toThrow(
    refused('The work of Ada on 1.1 is paused; it cannot pause.', 'planwright resume-work 1.1'),
  );
  expect(() => decidePauseAssignment(owned('ready'), active(), 'resume')).toThrow(
    refused('The work of Ada on 1.1 is started; it cannot resume.', 'planwright pause-work 1.1'),
  );
});

it('a task of somebody is followed by its assignment wherever it moves; another one by nothing', () => {
  const { changes } = decideClaimTask(hand('ready'), 'ada', () => 'id');
  expect(changes).toContainEqual({ entity: 'follow_task', taskId: 'task' });
  const nobodys = { ...hand('ready'), slice: aSlice({ task: aTask({ status: 'ready' }) }) };
  const entities = decideClaimTask(nobodys, 'ada', () => 'id').changes.map(({ entity }) => entity);
  expect(entities).not.toContain('follow_task');
});

it('a step on the way to a verdict leaves its assignment as it is', () => {
  const entities = decideSubmit(
    hand('claimed'),
    { commit: 'c', base: 'b', attemptId: hand('claimed').attempt?.id ?? '' },
    'ada',
    () => 'id',
  ).changes.map(({ entity }) => entity);
  expect(entities).toContain('task');
  expect(entities).not.toContain('follow_task');
});
