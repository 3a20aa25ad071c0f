import { aPhase, aPlan, aRun, aTask, anAttempt, anIntegration } from '#testing/plan-builder.js';
import { DecisionBuilder } from './decision.js';
import type { Change } from './change.js';

const counters = (changes: readonly Change[]) => changes.filter((change) => change.entity === 'counters');

describe('DecisionBuilder', () => {
  it.each([
    [
      'plan',
      () => new DecisionBuilder(aPlan({ status: 'ready' })).movePlan('completed'),
      'ready → completed',
    ],
    [
      'phase',
      () => new DecisionBuilder(aPlan()).movePhase(aPhase({ status: 'cancelled' }), 'running'),
      'cancelled → running',
    ],
    [
      'task',
      () => new DecisionBuilder(aPlan()).moveTask(aTask({ status: 'pending' }), 'executing'),
      'pending → executing',
    ],
    [
      'attempt',
      () => new DecisionBuilder(aPlan()).moveAttempt(anAttempt({ status: 'lost' }), 'executed', 'clear'),
      'lost → executed',
    ],
    [
      'verification run',
      () => new DecisionBuilder(aPlan()).moveRun(aRun({ status: 'passed' }), 'running', 'take'),
      'passed → running',
    ],
    [
      'integration',
      () =>
        new DecisionBuilder(aPlan()).moveIntegration(anIntegration({ status: 'landed' }), 'merging', 'take'),
      'landed → merging',
    ],
  ])('throws on an illegal step of a %s and names it', (what, step, names) => {
    expect(step).toThrow(`illegal step of a ${what}: ${names}`);
  });

  it('checks a second step of the plan against the first', () => {
    const builder = new DecisionBuilder(aPlan({ status: 'running' }));
    builder.movePlan('pausing').movePlan('paused');
    expect(builder.planStatus).toBe('paused');
    expect(() => builder.movePlan('ready')).toThrow('paused → ready');
    expect(builder.done().changes).toMatchObject([
      { entity: 'plan', from: 'running', to: 'pausing' },
      { entity: 'plan', from: 'pausing', to: 'paused' },
    ]);
  });

  it('names the token and the status that it was decided on', () => {
    const attempt = anAttempt({ id: 'a', status: 'running', token: 7 });
    const { changes } = new DecisionBuilder(aPlan()).moveAttempt(attempt, 'executed', 'clear').done();
    expect(changes).toEqual([
      { entity: 'attempt', id: 'a', token: 7, lease: 'clear', from: 'running', to: 'executed', set: {} },
    ]);
  });

  it('counts slots as tasks enter and leave them', () => {
    const builder = new DecisionBuilder(aPlan({ activeTasks: 2 }));
    builder.moveTask(aTask({ id: 'a', status: 'ready' }), 'queued');
    expect(builder.activeTasks).toBe(3);
    builder.moveTask(aTask({ id: 'b', status: 'executing' }), 'verifying');
    expect(builder.activeTasks).toBe(3);
    builder.moveTask(aTask({ id: 'c', status: 'integrating' }), 'completed');
    builder.moveTask(aTask({ id: 'd', status: 'verifying' }), 'failed');
    expect(builder.activeTasks).toBe(1);
    expect(counters(builder.done().changes)).toEqual([
      { entity: 'counters', activeTasks: -1, openPhases: 0 },
    ]);
  });

  it('writes no counters when slots balance out', () => {
    const builder = new DecisionBuilder(aPlan({ activeTasks: 1 }));
    builder.moveTask(aTask({ id: 'a', status: 'executing' }), 'ready');
    builder.moveTask(aTask({ id: 'b', status: 'ready' }), 'queued');
    expect(counters(builder.done().changes)).toEqual([]);
  });

  it.each(['completed', 'satisfied'] as const)('counts a %s task off its phase, once', (to) => {
    const task = aTask({ status: 'verifying', phaseId: 'p' });
    const { changes } = new DecisionBuilder(aPlan({ activeTasks: 1 })).moveTask(task, to).done();
    expect(changes.filter((change) => change.entity === 'open_tasks')).toEqual([
      { entity: 'open_tasks', phaseId: 'p', delta: -1 },
    ]);
  });

  it('does not count a task that failed off its phase', () => {
    const { changes } = new DecisionBuilder(aPlan())
      .moveTask(aTask({ status: 'verifying' }), 'failed')
      .done();
    expect(changes.filter((change) => change.entity === 'open_tasks')).toEqual([]);
  });

  it('counts completed phases off the plan, and running ones not', () => {
    const builder = new DecisionBuilder(aPlan({ openPhases: 2 }));
    builder.movePhase(aPhase({ id: 'a', status: 'running' }), 'completed');
    builder.movePhase(aPhase({ id: 'b', status: 'pending' }), 'running');
    expect(counters(builder.done().changes)).toEqual([
      { entity: 'counters', activeTasks: 0, openPhases: -1 },
    ]);
  });

  it('moves the tip from the commit that the plan had', () => {
    const { changes } = new DecisionBuilder(aPlan({ tipCommit: 'old' })).moveTip('new').done();
    expect(changes).toEqual([{ entity: 'tip', from: 'old', to: 'new' }]);
  });

  it('keeps changes, events and effects in the order they were decided', () => {
    const { changes, events, effects } = new DecisionBuilder(aPlan())
      .moveTask(aTask(), 'queued')
      .add({ entity: 'new_attempt', id: 'x', taskId: 'task', number: 1 })
      .event('one')
      .event('two', { n: 2 })
      .deliver('execute', 'x', 1)
      .publish()
      .done();
    expect(changes.map((change) => change.entity)).toEqual(['task', 'new_attempt', 'counters']);
    expect(events).toEqual([
      { type: 'one', payload: {} },
      { type: 'two', payload: { n: 2 } },
    ]);
    expect(effects).toEqual([
      { kind: 'deliver', stage: 'execute', id: 'x', delivery: 1 },
      { kind: 'publish' },
    ]);
  });

  it('tells people where nothing goes on by itself, once for each kind', () => {
    const { effects } = new DecisionBuilder(aPlan())
      .event('task.awaiting_approval', { task: 1 })
      .event('task.awaiting_approval', { task: 2 })
      .event('task.retrying', { task: 3 })
      .event('plan.paused')
      .done();
    expect(effects).toEqual([
      { kind: 'notify', event: 'plan.paused', payload: {} },
      { kind: 'notify', event: 'task.awaiting_approval', payload: { task: 1 } },
    ]);
  });
});
