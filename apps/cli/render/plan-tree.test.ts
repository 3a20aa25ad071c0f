import pc from 'picocolors';
import type { PhaseView, PlanView, TaskView } from '#contracts/api/plans.js';
import { nextSteps } from './next-steps.js';
import { renderNext, renderPlan } from './plan-tree.js';

const none = pc.createColors(false);

function task(number: number, over: Partial<TaskView>): TaskView {
  return {
    id: `t${number}`,
    number,
    key: `t${number}`,
    title: `Task ${number}`,
    status: 'pending',
    effect: 'change',
    executorKind: 'command',
    assignedTo: null,
    dependsOn: [],
    verified: null,
    strength: null,
    commit: null,
    startedAt: null,
    completedAt: null,
    waitsUntil: null,
    waitsFor: null,
    claimedBy: null,
    claimedUntil: null,
    review: null,
    question: null,
    note: null,
    specOnBase: null,
    awaitsClaim: false,
    attempts: [],
    ...over,
  };
}

function plan(
  tasks: readonly Partial<TaskView>[],
  over: Partial<PlanView> = {},
  phase: Partial<PhaseView> = {},
) {
  const phases = [
    {
      id: 'p1',
      position: 1,
      name: 'One',
      mode: 'parallel',
      status: 'running',
      startedAt: null,
      finishedAt: null,
      tasks: tasks.map((facts, at) => task(at + 1, facts)),
      ...phase,
    },
  ];
  return {
    number: 7,
    name: 'Plan',
    status: 'running',
    pauseReason: null,
    pauseNote: null,
    startedAt: null,
    finishedAt: null,
    baseBranch: 'main',
    branch: 'planwright/7-plan',
    publishedCommit: null,
    repository: { id: 'r', name: 'r', origin: '/srv/r' },
    phases,
    ...over,
  } as unknown as PlanView;
}

const lineOf = (facts: Partial<TaskView>, phase: Partial<PhaseView> = {}): string =>
  renderPlan(plan([facts], {}, phase), 0, none)[2] ?? '';

const patchId = 'b'.repeat(40);

describe('the line of a task', () => {
  it.each<[string, Partial<TaskView>]>([
    ['waits for the event go', { status: 'waiting', waitsFor: 'go' }],
    ['in the hands of Ada', { status: 'claimed', claimedBy: 'Ada' }],
    [
      'in the hands of Ada until 2026-12-01T08:00:00.000Z',
      { status: 'claimed', claimedBy: 'Ada', claimedUntil: '2026-12-01T08:00:00.000Z' },
    ],
    ['waits for Bob to claim it', { status: 'ready', executorKind: 'external', assignedTo: 'Bob' }],
    [
      'waits for your review aaaaaaaa',
      { status: 'awaiting_review', review: { commit: 'a'.repeat(40), patchId } },
    ],
    ['skipped  not now', { status: 'skipped', note: 'not now' }],
    ['failed  no way', { status: 'failed', note: 'no way' }],
  ])('says %s', (words, facts) => {
    expect(lineOf(facts)).toMatch(new RegExp(`${words}$`));
  });

  it('of a wait has its time of day, or its day too', () => {
    const until = new Date();
    expect(lineOf({ status: 'waiting', waitsUntil: until.toISOString() })).toContain(
      until.toLocaleTimeString(),
    );
    const far = '2031-05-06T07:08:09.000Z';
    expect(lineOf({ status: 'waiting', waitsUntil: far })).toContain(new Date(far).toLocaleString());
  });

  it('of a task that changed nothing has what it reported', () => {
    const attempts = [{ number: 1, failure: null, result: { lines: 3 } }] as unknown as TaskView['attempts'];
    expect(lineOf({ status: 'completed', effect: 'none', attempts })).toContain('done  {"lines":3}');
  });

  it('names what blocks it, by its dependencies or by the order of its phase', () => {
    const tasks: Partial<TaskView>[] = [{ status: 'skipped' }, { status: 'blocked', dependsOn: [1] }];
    expect(renderPlan(plan(tasks), 0, none)[3]).toContain('blocked by task 1');
    const ordered = [{ status: 'skipped' }, { status: 'blocked' }] as const;
    expect(renderPlan(plan(ordered, {}, { mode: 'sequential' }), 0, none)[3]).toContain('blocked by task 1');
  });

  it('does not go on counting after its last attempt', () => {
    const times = { startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:02Z' };
    const attempts = [
      { number: 1, failure: null, message: null, ...times },
    ] as unknown as TaskView['attempts'];
    const [, , line = ''] = renderPlan(plan([{ status: 'skipped', attempts }]), Date.now(), none);
    expect(line).toContain('2.0 s');
  });
});

it('the same failure in a row is told once, with what it announces', () => {
  const failed = (number: number, message: string) => ({
    number,
    failure: 'infrastructure',
    message,
    verdict: null,
  });
  const broken = 'The set-up failed. The end of what it printed:\nnpm\nno such package\n';
  const attempts = [
    failed(1, broken),
    failed(2, broken),
    failed(3, 'No room'),
  ] as unknown as TaskView['attempts'];
  const [, , , ...lines] = renderPlan(plan([{ status: 'failed', attempts }]), 0, none);
  expect(lines.map((line) => line.trim())).toEqual([
    '↳ attempts 1–2: infrastructure: The set-up failed. The end of what it printed: no such package',
    '↳ attempt 3: infrastructure: No room',
  ]);
});

describe('what a person can do next', () => {
  it.each<[string[], Partial<TaskView>]>([
    [['planwright approve 7.1'], { status: 'awaiting_approval' }],
    [
      ['planwright diff 7.1', `planwright approve 7.1 --patch ${patchId}`],
      { status: 'awaiting_review', review: { commit: 'a'.repeat(40), patchId } },
    ],
    [['planwright submit 7.1'], { status: 'claimed' }],
    [['planwright complete 7.1 --note …'], { status: 'claimed', effect: 'none' }],
    [['planwright claim 7.1'], { status: 'ready', executorKind: 'external' }],
    [['planwright signal 7 go'], { status: 'waiting', waitsFor: 'go' }],
    [[], { status: 'executing' }],
    [[], { status: 'waiting', waitsUntil: '2031-05-06T07:08:09.000Z' }],
  ])('is %j', (steps, facts) => {
    expect(nextSteps(plan([facts]))).toEqual(steps);
  });

  it('is to let a phase end', () => {
    const steps = nextSteps(plan([{ status: 'completed' }], {}, { status: 'awaiting_approval' }));
    expect(steps).toEqual(['planwright approve-phase 7 --phase 1']);
  });

  it('with a paused plan is what makes resuming useful', () => {
    const paused = { status: 'paused', pauseReason: 'task_failed', pauseNote: 'Task 7.1: red' } as const;
    expect(nextSteps(plan([{ status: 'failed' }], paused))).toEqual(['planwright retry 7.1']);
    const outside = { status: 'ready', executorKind: 'external' } as const;
    expect(nextSteps(plan([outside, { status: 'failed' }], paused))).toEqual([
      'planwright retry 7.2',
      'planwright claim 7.1',
    ]);
    expect(nextSteps(plan([{ status: 'skipped' }, { status: 'blocked' }], paused))).toEqual([
      'planwright skip 7.1 --satisfies',
    ]);
    const byHand = { status: 'paused', pauseReason: 'user', pauseNote: 'lunch' } as const;
    expect(renderNext(plan([{ status: 'ready' }], byHand), none)).toEqual([
      'Paused: user. lunch',
      'Next: planwright resume 7',
    ]);
  });

  it('with many tasks is the first of them', () => {
    const steps = nextSteps(
      plan(Array.from({ length: 9 }, () => ({ status: 'awaiting_approval' as const }))),
    );
    expect(steps).toHaveLength(7);
    expect(steps.at(-1)).toBe('… and 3 more');
  });

  it('with a plan that ended is to look at its branch', () => {
    const ended = plan([], { status: 'completed', publishedCommit: 'c'.repeat(40) });
    expect(nextSteps(ended)).toEqual([
      'git -C /srv/r log --oneline main..planwright/7-plan',
      'planwright finish 7 --dry-run',
    ]);
  });
});
