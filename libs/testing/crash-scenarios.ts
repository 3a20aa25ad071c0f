import type { IterationPage } from '#contracts/api/iterations.js';
import type { CrashPoint } from '#engine/crash-points.js';
import type { Fault } from '#platform/crash/crash-at.js';
import type { FaultFile } from './fault-file.js';
import { commitAll, git, writeFiles } from './git-repositories.js';
import type { Rules } from './messages-api/script.js';
import type { PlanEnd } from './history-checker.js';
import type { RunningDemo } from './running-demo.js';

/** A plan on its way to a crash point. */
export interface Ride {
  readonly stack: RunningDemo;
  readonly faults: FaultFile;
  readonly origin: string;
  /** The plan's number. */
  readonly plan: number;
  /** From now on the process that reaches the point dies. */
  readonly arm: () => Promise<void>;
}

export interface Scenario {
  readonly plan: Readonly<Record<string, unknown>>;
  readonly end: PlanEnd;
  /** Commits on its branch in the end; null: whatever had landed before. */
  readonly commits: number | null;
  /** What people do for the plan once it was started; without it, the point is armed before. */
  readonly drive?: (ride: Ride) => Promise<void>;
  /** What has to happen before the process dies. */
  readonly first?: Fault;
}

/** Far enough from each other to merge, in one file: the second of two changes has another tree after its rebase. */
const APART = ['export const uno = 1;', '', '', '', '', '', '', '', 'export const due = 2;', ''].join('\n');
/** So near to each other that a change of one is in the diff of the other: rebased, it has another patch-id. */
const NEAR = ['export const eins = 1;', '', 'export const zwei = 2;', ''].join('\n');

/** What every scenario's repository holds. */
export const CRASH_FILES = {
  'src/apart.js': APART,
  'src/near.js': NEAR,
  'src/third.js': 'export const tre = 3;\n',
};

const rename = (file: string, from: string, to: string): string =>
  `sed -i.bak s/${from}/${to}/ src/${file}.js && rm src/${file}.js.bak`;

function change(title: string, file: string, to: string, command: string) {
  const scope = { include: [`src/${file}.js`] };
  const rules = [{ id: 'renamed', scope, require: { identifiers: [to] } }];
  return { title, executor: { command, timeout: '60s' }, spec: { spec: 1, rules } };
}

const ONE = change('Rename one', 'apart', 'one', `sleep 0.2; ${rename('apart', 'uno', 'one')}`);
const TWO = change('Rename two', 'apart', 'two', `sleep 0.2; ${rename('apart', 'due', 'two')}`);
/** Its first attempt is rejected. */
const THREE = change(
  'Rename three',
  'third',
  'three',
  rename('third', 'tre', '$([ $PLANWRIGHT_ATTEMPT = 1 ] && echo trois || echo three)'),
);
const step = (title: string) => ({ title, executor: { command: 'true' }, effect: 'none' });
const setup = { commands: ['mkdir -p deps && echo made > deps/made'], caches: ['deps'] };

const parallel = (tasks: readonly object[], more: object = {}) => ({
  name: 'Side by side',
  mode: 'parallel',
  tasks,
  ...more,
});
const chain = (tasks: readonly object[]) => ({ name: 'One after the other', mode: 'sequential', tasks });

/** Reaches every point to which nobody's help is needed. */
const alone: Scenario = {
  plan: {
    name: 'Alone',
    setup,
    phases: [
      parallel([ONE, TWO, THREE]),
      chain([step('Look'), step('Look again'), { title: 'Met', executor: { milestone: {} } }]),
    ],
  },
  end: 'completed',
  commits: 3,
};

const signalled: Scenario = {
  plan: {
    name: 'Signalled',
    phases: [chain([{ title: 'Wait', executor: { wait: { event: 'go' } } }, step('Go')])],
  },
  end: 'completed',
  commits: 0,
  async drive({ stack, plan, arm }) {
    await stack.event(({ type }) => type === 'task.waiting', plan);
    await arm();
    await stack.insist(`/api/plans/${plan}/signals`, { name: 'go' });
  },
};

const handedIn: Scenario = {
  plan: {
    name: 'Handed in',
    phases: [chain([{ ...change('By hand', 'third', 'hand', ''), executor: { external: {} } }])],
  },
  end: 'completed',
  commits: 1,
  async drive({ stack, plan, origin, arm }) {
    const branch = `by-hand-${plan}`;
    await git(origin, 'checkout', '--quiet', '-b', branch);
    await writeFiles(origin, { 'src/third.js': 'export const hand = 3;\n' });
    await commitAll(origin, 'By hand');
    await git(origin, 'checkout', '--quiet', 'main');
    await arm();
    await stack.insist(`/api/plan-tasks/${plan}.1/submit`, { ref: branch });
  },
};

/** Two diffs are let onto the branch; the second is another one by the time it could land. */
const reviewed: Scenario = {
  plan: {
    name: 'Reviewed',
    phases: [
      parallel(
        [
          change('Near one', 'near', 'one', rename('near', 'eins', 'one')),
          change('Near two', 'near', 'two', rename('near', 'zwei', 'two')),
        ],
        { approval: 'before_integration' },
      ),
    ],
  },
  end: 'completed',
  commits: 2,
  async drive({ stack, plan, arm }) {
    const asked = async (count: number) => {
      const seen = new Set<unknown>();
      await stack.event(({ type, payload }) => {
        if (type === 'task.awaiting_review') seen.add(`${payload['task']} ${payload['patch']}`);
        return seen.size === count;
      }, plan);
    };
    await asked(2);
    await arm();
    for (const task of [1, 2]) await stack.insist(`/api/plan-tasks/${plan}.${task}/approve`);
    await asked(3);
    const again = (await stack.events(plan)).findLast(({ type }) => type === 'task.awaiting_review');
    await stack.insist(`/api/plan-tasks/${plan}.${again?.payload['task']}/approve`);
  },
};

/** Cancelled while a push is prepared: the integrator stands still between its intent and the push. */
const cancelled: Scenario = {
  plan: { name: 'Cancelled', phases: [parallel([ONE, TWO])] },
  end: 'cancelled',
  commits: null,
  first: { point: 'intent.recorded', blockMs: 2_500 },
  async drive({ stack, plan, faults, arm }) {
    await faults.taken();
    await arm();
    await stack.post(`/api/plans/${plan}/cancel`);
  },
};

/** Archived once it has ended. */
const archived: Scenario = {
  plan: { name: 'Archived', phases: [parallel([ONE, TWO])] },
  end: 'archived',
  commits: 2,
  async drive({ stack, plan, arm }) {
    await stack.event(({ type }) => type === 'plan.completed', plan);
    await arm();
    await stack.post(`/api/plans/${plan}/archive`);
  },
};

/** Completed, then taken back to where its first task was done, and brought to its end again. */
const rewound: Scenario = {
  plan: { name: 'Rewound', phases: [chain([ONE, TWO, THREE, step('Look')])] },
  end: 'completed',
  commits: 3,
  async drive({ stack, plan, faults, arm }) {
    await stack.event(({ type }) => type === 'plan.completed', plan);
    const { preview } = await stack.read<{ preview: string }>(`/api/plans/${plan}/rewind?to=1`);
    await arm();
    await stack.post(`/api/plans/${plan}/rewind`, { to: '1', preview });
    await faults.taken();
    const rewound = await stack.event(({ type }) => type === 'plan.rewound', plan);
    await stack.insist(`/api/plans/${plan}/resume`);
    await stack.event(({ type, seq }) => type === 'plan.completed' && seq > rewound.seq, plan);
  },
};

/** What a model answers in these scenarios. */
export const CRASH_ANSWERS: Rules = {
  rules: [
    {
      when: { system: 'You plan changes' },
      answer: {
        json: {
          phases: [
            {
              name: 'Look',
              description: '',
              mode: 'sequential',
              successCriteria: [],
              tasks: [
                {
                  key: 'look',
                  title: 'Look',
                  prompt: 'Look.',
                  dependsOn: [],
                  writes: [],
                  mayChange: [],
                  needs: [],
                  spec: null,
                },
              ],
            },
          ],
        },
        usage: { input_tokens: 1_000, output_tokens: 100 },
      },
    },
  ],
};

/** Another plan is written by a model meanwhile: its answer is paid for once. */
const generated: Scenario = {
  plan: { name: 'Beside it', phases: [chain([step('Look')])] },
  end: 'completed',
  commits: 0,
  async drive({ stack, origin, faults, arm }) {
    await arm();
    const asked = { repository: origin, title: 'Generated', executor: { command: 'true' } };
    const { number } = (await stack.insist('/api/plans/generate', asked)) as { readonly number: number };
    await faults.taken();
    await stack.event(({ type }) => type === 'plan.generated', number);
    const { items } = await stack.read<IterationPage>(`/api/plans/${number}/iterations`);
    const paid = items.map(({ kind, status, tokens }) => `${kind} ${status} ${tokens.output}`);
    if (paid.join(', ') !== 'created succeeded 0, generate succeeded 100')
      throw new Error(`an answer was lost, or paid for again: ${paid.join(', ')}`);
  },
};

/** Merged into another branch of the origin, which has moved since: once, whoever does it in the end. */
const delivered: Scenario = {
  plan: { name: 'Delivered', phases: [parallel([ONE, TWO])] },
  end: 'completed',
  commits: 2,
  async drive({ stack, plan, origin, faults, arm }) {
    await stack.event(({ type }) => type === 'plan.completed', plan);
    const target = `release-${plan}`;
    const { baseCommit } = await stack.plan(plan);
    await git(origin, 'checkout', '--quiet', '-b', target, baseCommit);
    await writeFiles(origin, { 'src/third.js': 'export const trois = 3;\n' });
    await commitAll(origin, 'Moved');
    await git(origin, 'checkout', '--quiet', 'main');
    await arm();
    await stack.insist(`/api/plans/${plan}/finish`, { way: 'merge', target });
    await faults.taken();
    await stack.event(({ type }) => type === 'delivery.merged', plan);
    const merges = await git(origin, 'rev-list', '--count', '--merges', target);
    if (merges !== '1') throw new Error(`${target} has ${merges} merges`);
  },
};

/** For every point, a plan that comes by. */
export const SCENARIOS: Readonly<Record<CrashPoint, Scenario>> = {
  // What a dead API holds of publications and notices is free again after a while: these two begin early.
  'notice.sent': alone,
  published: alone,
  committed: alone,
  delivered: alone,
  'attempt.claimed': alone,
  'run.claimed': alone,
  'workspace.prepared': alone,
  'run.graded': alone,
  'attempt.executed': alone,
  'signal.recorded': signalled,
  'candidate.pushed': alone,
  'step.executed': alone,
  'submission.pushed': handedIn,
  'step.recorded': alone,
  'lane.claimed': alone,
  'rebase.pushed': alone,
  'review.pushed': reviewed,
  'intent.recorded': alone,
  'branch.pushed': alone,
  'cancel.fenced': cancelled,
  'archive.stored': archived,
  'rewind.pushed': rewound,
  'generation.answered': generated,
  'delivery.pushed': delivered,
};
