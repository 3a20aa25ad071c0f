import { canonicalHash } from '#engine/canonical.js';
import { faultsOfChain, type ChainedEvent } from './history-chain.js';
import { faultsOfEnd } from './history-end.js';
import { faultsOfJournal, parseJournal } from './history-journal.js';
import type { ModelState } from './plan-model.js';

/** Two tasks, the second after the first, both done by their first attempt. */
function done(): ModelState {
  const task = (number: number, dependsOn: string[]) => ({
    id: `task-${number}`,
    number,
    phaseId: 'phase',
    status: 'completed',
    executorKind: 'command',
    commitSha: null,
    dependsOn,
  });
  const attempt = (number: number) => ({
    id: `attempt-${number}`,
    taskId: `task-${number}`,
    number: 1,
    token: 1,
    status: 'passed',
    byHand: false,
    lease: 'none',
  });
  return {
    plan: { status: 'completed' },
    phases: [{ id: 'phase', position: 1 }],
    tasks: [task(1, []), task(2, ['task-1'])],
    attempts: [attempt(1), attempt(2)],
    runs: [],
    integrations: [],
  } as unknown as ModelState;
}

const SOUND = 'begin 1.1 1\nend 1.1 1\nbegin 1.2 1\nend 1.2 1\n';
const judge = (text: string) => faultsOfJournal(parseJournal(text), done());

describe('the judge of a journal', () => {
  it('finds nothing wrong with what is right', () => expect(judge(SOUND)).toEqual([]));

  it.each([
    ['an attempt that ran twice', `${SOUND}begin 1.2 1\n`, 'attempt 1 of task 2 did "begin" twice'],
    [
      'an attempt that nobody claimed',
      `${SOUND}begin 1.2 2\n`,
      'attempt 2 of task 2 ran, and nobody had claimed it',
    ],
    [
      'a task that is completed and never ran to its end',
      'begin 1.1 1\nend 1.1 1\nbegin 1.2 1\n',
      'task 2 is completed by attempt 1, which never ran to its end',
    ],
    [
      'a task that began before what it needs had ended',
      'begin 1.1 1\nbegin 1.2 1\nend 1.1 1\nend 1.2 1\n',
      'task 2 began before task 1 had ended',
    ],
  ])('finds %s', (_, text, fault) => expect(judge(text)).toEqual([fault]));
});

describe('the judge of an end', () => {
  const events = (...types: readonly (readonly [string, number?])[]) =>
    types.map(([type, task], index) => ({ seq: index + 1, type, payload: { task, attempt: 1 } }));
  const sound = [
    ['attempt.started', 1],
    ['task.completed', 1],
    ['attempt.started', 2],
    ['task.completed', 2],
    ['plan.completed'],
  ] as const;

  it('finds nothing wrong with what is right', () =>
    expect(faultsOfEnd(done(), events(...sound))).toEqual([]));

  it('finds a task that ended twice, an attempt that started twice and a plan whose events end otherwise', () => {
    const more = [...sound, ['task.completed', 2], ['attempt.started', 1], ['plan.cancelled']] as const;
    expect(faultsOfEnd(done(), events(...more))).toEqual([
      'the plan is completed, its last event is plan.cancelled',
      'task 2 is completed and has 2 events task.completed',
      'attempt 1.1 started twice',
    ]);
  });

  it('finds a lease that nobody gave up', () => {
    const state = done();
    for (const attempt of state.attempts) attempt.lease = 'expired';
    expect(faultsOfEnd(state, events(...sound))).toEqual([
      'attempt-1 is passed and still has a lease',
      'attempt-2 is passed and still has a lease',
    ]);
  });
});

describe('the judge of a chain', () => {
  const at = new Date(0);
  function chain(length: number): ChainedEvent[] {
    const events: ChainedEvent[] = [];
    for (let seq = 1; seq <= length; seq += 1) {
      const event = { seq, type: 'thing.happened', payload: { seq }, actorId: 'actor' };
      const prevHash = events.at(-1)?.hash ?? '';
      const hash = canonicalHash({ planId: 'plan', ...event, at: at.toISOString(), prevHash });
      events.push({ ...event, at, prevHash, hash });
    }
    return events;
  }
  const judgeChain = (events: readonly ChainedEvent[], whole: readonly ChainedEvent[]) =>
    faultsOfChain('plan', { eventSeq: whole.length, eventHash: whole.at(-1)?.hash ?? '' }, events);

  it('finds nothing wrong with what is right', () => expect(judgeChain(chain(3), chain(3))).toEqual([]));

  it('finds an event that was changed', () => {
    const events = chain(3).map((event) => (event.seq === 2 ? { ...event, payload: { seq: 7 } } : event));
    expect(judgeChain(events, chain(3))).toEqual(['event 2 (thing.happened) is not what was hashed']);
  });

  it('finds an event that is missing', () => {
    expect(judgeChain(chain(3).slice(1), chain(3))).toContain('the plan has 3 events, 2 are stored');
  });
});
