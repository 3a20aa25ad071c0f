import fc from 'fast-check';
import { allows, isFinal } from '../plan/machine.js';
import { TASK_MACHINE, TASK_STATUSES, type TaskStatus } from '../plan/task.machine.js';
import {
  ASSIGNMENT_ACTIVE,
  ASSIGNMENT_MACHINE,
  ASSIGNMENT_STATUSES,
  assignmentAfter,
  type ActiveStatus,
  type AssignmentStatus,
} from './assignment.machine.js';

const isActive = (status: AssignmentStatus): status is ActiveStatus =>
  (ASSIGNMENT_ACTIVE as readonly AssignmentStatus[]).includes(status);

/** A walk of a task, each step one that its machine allows, with pauses between. */
const walks = fc
  .array(fc.record({ step: fc.nat(), pause: fc.boolean() }), { maxLength: 30 })
  .map((choices) => {
    let task: TaskStatus = 'pending';
    return choices.map(({ step, pause }) => {
      const next = TASK_MACHINE[task];
      task = next[step % Math.max(1, next.length)] ?? task;
      return { task, pause };
    });
  });

it('follows any walk of a task by steps that its machine allows, and ends with it', () => {
  fc.assert(
    fc.property(walks, (walk) => {
      let status: AssignmentStatus = 'assigned';
      for (const { task, pause } of walk) {
        if (!isActive(status)) return;
        if (pause) status = 'paused';
        const after = assignmentAfter(status, task);
        expect(after === status || allows(ASSIGNMENT_MACHINE, status, after)).toBe(true);
        expect(assignmentAfter(isActive(after) ? after : status, task)).toBe(after);
        status = after;
        const ended = ['completed', 'satisfied', 'skipped', 'cancelled'].includes(task);
        expect(isFinal(ASSIGNMENT_MACHINE, status)).toBe(ended);
      }
    }),
  );
});

it('is active exactly while something may follow', () => {
  for (const status of ASSIGNMENT_STATUSES)
    expect(isActive(status)).toBe(!isFinal(ASSIGNMENT_MACHINE, status));
});

it.each<[ActiveStatus, TaskStatus, AssignmentStatus]>([
  ['assigned', 'claimed', 'started'],
  ['paused', 'claimed', 'started'],
  ['started', 'ready', 'assigned'],
  ['started', 'failed', 'assigned'],
  ['paused', 'ready', 'paused'],
  ['started', 'verifying', 'started'],
  ['started', 'awaiting_review', 'started'],
  ['assigned', 'completed', 'completed'],
  ['paused', 'satisfied', 'completed'],
  ['started', 'skipped', 'cancelled'],
  ['assigned', 'cancelled', 'cancelled'],
])('one that is %s when its task comes to %s is %s', (from, task, to) => {
  expect(assignmentAfter(from, task)).toBe(to);
});

it('says nothing that leads nowhere of any status of a task', () => {
  for (const from of ASSIGNMENT_ACTIVE)
    for (const task of TASK_STATUSES) expect(ASSIGNMENT_STATUSES).toContain(assignmentAfter(from, task));
});
