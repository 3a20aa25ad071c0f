import type { ActiveAssignment, ActiveStatus } from './assignment.machine.js';
import { decideWorkItem, type WorkItemState, type WorkItemStep } from './work-item.js';

const ADA = { name: 'Ada', kind: 'user' } as const;
const active = (status: ActiveStatus, startedAt: Date | null = null): ActiveAssignment => ({
  id: 'first',
  status,
  assignee: ADA,
  context: { seen: 'a' },
  startedAt,
});
const item = (held: ActiveAssignment | null, status: WorkItemState['status'] = 'open'): WorkItemState => ({
  number: 4,
  status,
  active: held,
});
const decide = (of: WorkItemState, step: WorkItemStep) => decideWorkItem(of, step, () => 'next');

it('is given to somebody, or to nobody', () => {
  const step = { step: 'assign', to: ADA, note: null, context: {} } as const;
  expect(decide(item(null), step)).toEqual({
    assign: { id: 'next', to: ADA, note: null, context: {}, handedFrom: null },
  });
  expect(decide(item(active('started')), { ...step, to: null })).toEqual({ assign: null });
});

it('is handed over with its context', () => {
  const step = {
    step: 'hand_over',
    to: { name: 'bot', kind: 'agent' },
    note: 'yours',
    context: { b: 1 },
  } as const;
  expect(decide(item(active('started')), step)).toEqual({
    assign: { id: 'next', to: step.to, note: 'yours', context: { seen: 'a', b: 1 }, handedFrom: 'first' },
  });
  expect(() => decide(item(null), step)).toThrow('w4 is assigned to nobody');
});

it.each<['start' | 'pause' | 'resume', ActiveAssignment, string]>([
  ['start', active('assigned'), 'started'],
  ['pause', active('assigned'), 'paused'],
  ['pause', active('started'), 'paused'],
  ['resume', active('paused'), 'assigned'],
  ['resume', active('paused', new Date(0)), 'started'],
])('%s of one that is %o leads to %s', (step, held, to) => {
  expect(decide(item(held), { step })).toEqual({ move: { id: 'first', from: held.status, to } });
});

it.each<['start' | 'pause' | 'resume', ActiveStatus, string]>([
  ['start', 'started', 'planwright pause-work w4'],
  ['start', 'paused', 'planwright resume-work w4'],
  ['pause', 'paused', 'planwright resume-work w4'],
  ['resume', 'assigned', 'planwright pause-work w4'],
])('%s is refused where it is %s, with what to do', (step, status, next) => {
  expect(() => decide(item(active(status)), { step })).toThrow(
    expect.objectContaining({
      message: `The work of Ada on w4 is ${status}; it cannot ${step}.`,
      remedy: expect.stringContaining(next) as unknown,
    }),
  );
});

it('closes with whatever assignment it has, and then changes no more', () => {
  const move = (to: string) => ({ id: 'first', from: 'paused', to });
  expect(decide(item(active('paused')), { step: 'close', as: 'done' })).toEqual({
    close: 'done',
    move: move('completed'),
  });
  expect(decide(item(active('paused')), { step: 'close', as: 'cancelled' })).toEqual({
    close: 'cancelled',
    move: move('cancelled'),
  });
  expect(decide(item(null), { step: 'close', as: 'done' })).toEqual({ close: 'done' });
  expect(() => decide(item(null, 'done'), { step: 'start' })).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('w4 is done') as unknown,
      remedy: expect.stringContaining('planwright add-work-item') as unknown,
    }),
  );
});
