import pc from 'picocolors';
import type { TaskVerdict } from '#contracts/api/judgements.js';
import type { AttemptView, PlanView, TaskView, VerdictView } from '#contracts/api/plans.js';
import { renderExplanation } from './explain.js';
import { renderVerdict } from './verdict.js';

const none = pc.createColors(false);

const VERDICT: VerdictView = {
  outcome: 'fail',
  summary: 'Red on the candidate: unit.',
  violations: [{ rule: 'unit', severity: 'critical', message: 'adds is red', file: 'a.test.ts', line: 7 }],
  items: [
    {
      id: 'unit',
      kind: 'check',
      candidate: 'red',
      attemptBase: 'green',
      planBase: 'red',
      turned: false,
      note: 'it exits with 1',
      violations: 3,
      tests: { new: 1, fixed: 0, preExisting: 2, flaky: 0, gone: 0 },
    },
    { id: 'old', kind: 'rule', candidate: 'green', turned: true, violations: 0 },
  ],
};

function planOf(over: Partial<TaskView>, plan: Partial<PlanView> = {}): PlanView {
  const before = { number: 1, title: 'First', status: 'failed', dependsOn: [], attempts: [], note: null };
  const task = {
    number: 2,
    title: 'Second',
    status: 'pending',
    effect: 'change',
    dependsOn: [],
    note: null,
    specOnBase: null,
    attempts: [],
    ...over,
  };
  const phase = { name: 'One', mode: 'sequential', status: 'running', tasks: [before, task] };
  return { number: 12, status: 'running', pauseNote: null, phases: [phase], ...plan } as unknown as PlanView;
}

const attempt = (over: Partial<AttemptView>) => ({ number: 1, status: 'rejected', ...over }) as AttemptView;
const LAST = {
  attempt: 1,
  commit: 'c'.repeat(40),
  rebased: false,
  unverified: false,
  verdict: VERDICT,
} as TaskVerdict;
const explained = (plan: PlanView, last: TaskVerdict | null = null) =>
  renderExplanation(plan, 2, last, none).join('\n');

it('says what a task waits for: also for the one before it in a sequential phase', () => {
  expect(explained(planOf({}))).toContain('It waits for 12.1 (failed).');
  expect(explained(planOf({ specOnBase: 'green' }))).toContain('it would prove nothing');
  expect(explained(planOf({}, { status: 'paused', pauseNote: 'Ask Ada.' }))).toMatch(
    /The plan is paused\.\n +Ask Ada/,
  );
});

it('shows the last verdict in full, and how its spec may judge the candidate again', () => {
  const failed = planOf({
    status: 'failed',
    attempts: [attempt({ failure: 'verification_failed', message: 'Red.' })],
  });
  const text = explained(failed, LAST);
  expect(text).toContain('Attempt 1 ended with verification failed: Red.');
  expect(text).toContain('Last verdict: attempt 1, commit cccccccccccc');
  expect(text).toContain(
    "check unit: red, green before it, red on the plan's base, tests: 1 newly failing, 2 failing before",
  );
  expect(text).toContain('it exits with 1');
  expect(text).toContain('rule old: green, turned');
  expect(text).toContain('a.test.ts:7  adds is red  unit, critical');
  expect(text).toContain('… and 2 more of unit');
  expect(text).toContain('planwright retry 12.2');
  expect(text).toContain('planwright verify-task 12.2 --again');
});

it('offers no other judgement of a candidate that was turned down as it was to land', () => {
  const failed = planOf({ status: 'failed', attempts: [attempt({ failure: 'verification_failed' })] });
  expect(explained(failed, { ...LAST, rebased: true })).not.toContain('--again');
});

it('calls a pass unverified in which nothing turned', () => {
  const verdict = { ...VERDICT, outcome: 'pass' as const, violations: [], items: [] };
  const [head] = renderVerdict(verdict, { verbose: false, unverified: true, colours: none });
  expect(head).toMatch(/^PASS, UNVERIFIED /);
  const [proven] = renderVerdict(verdict, { verbose: false, unverified: false, colours: none });
  expect(proven).toMatch(/^PASS {2}/);
});
