import { aPlan, aSlice, aTask, anAttempt } from '#testing/plan-builder.js';
import { TASK_STATUSES } from '../task.machine.js';
import { decideAnswer, decideAskQuestion } from './questions.js';

const asked = { id: 'q', question: 'Which?', output: 'so far' };
const attempt = anAttempt({ status: 'running', number: 2 });

function ask(over: Parameters<typeof aPlan>[0] = {}) {
  const plan = aPlan({ status: 'running', activeTasks: 1, ...over });
  return decideAskQuestion(aSlice({ plan, task: aTask({ status: 'executing' }) }), attempt, asked);
}

describe('a question', () => {
  it('ends the attempt without a failure, frees the slot, and tells people', () => {
    const { changes, events, effects } = ask();
    expect(changes).toContainEqual(
      expect.objectContaining({
        entity: 'attempt',
        to: 'cancelled',
        lease: 'clear',
        set: { message: 'it waits for an answer', output: 'so far' },
      }),
    );
    expect(changes).toContainEqual(expect.objectContaining({ entity: 'task', to: 'awaiting_answer' }));
    expect(changes).toContainEqual({ entity: 'counters', activeTasks: -1, openPhases: 0 });
    expect(events.map(({ type }) => type)).toEqual(['task.question_asked']);
    expect(effects).toContainEqual(expect.objectContaining({ kind: 'notify', event: 'task.question_asked' }));
  });

  it('lets a pausing plan come to rest', () => {
    expect(ask({ status: 'pausing' }).events.map(({ type }) => type)).toContain('plan.paused');
  });

  it('is answered once: the task is tried again', () => {
    const { changes, events } = decideAnswer(
      aPlan({ status: 'running' }),
      aTask({ status: 'awaiting_answer' }),
      'That.',
    );
    expect(changes).toContainEqual(expect.objectContaining({ entity: 'task', to: 'ready' }));
    expect(changes).toContainEqual(expect.objectContaining({ entity: 'answer_question', answer: 'That.' }));
    expect(events[0]).toMatchObject({ type: 'task.question_answered', payload: { answer: 'That.' } });
  });

  it.each(TASK_STATUSES.filter((status) => status !== 'awaiting_answer'))(
    'is none of a task that is %s',
    (status) => {
      expect(() => decideAnswer(aPlan({ status: 'running' }), aTask({ status }), 'x')).toThrow(status);
    },
  );

  it('is not answered in a plan that ended', () => {
    const task = aTask({ status: 'awaiting_answer' });
    expect(() => decideAnswer(aPlan({ status: 'cancelled' }), task, 'x')).toThrow('cancelled');
  });
});
