import { Random } from './random.js';

export interface ChaosTask {
  readonly key: string;
  readonly kind: 'change' | 'step' | 'milestone' | 'pause' | 'event' | 'external';
  readonly dependsOn: readonly string[];
  /** Attempts up to this number end badly. */
  readonly failures: number;
  /** How they do: by their exit code, or by work that the spec refuses. */
  readonly failsBy: 'exit' | 'spec';
  readonly spec: boolean;
  /** It adds a line to a file that others write to as well. */
  readonly shared: boolean;
  /** It says where it writes. */
  readonly scoped: boolean;
  readonly ms: number;
}

export interface ChaosPhase {
  readonly mode: 'sequential' | 'parallel' | 'manual';
  readonly approval: 'none' | 'before_task' | 'before_integration' | 'both';
  readonly atEnd: 'continue' | 'approve' | 'pause';
  readonly concurrency: number | null;
  readonly tasks: readonly ChaosTask[];
}

/** A plan as a seed makes it. */
export interface ChaosPlan {
  readonly concurrency: number;
  readonly autoCommit: boolean;
  readonly phases: readonly ChaosPhase[];
}

/** The file to which every task without `writes` of its own may add a line. */
export const SHARED_FILE = 'shared.txt';
export const SIGNAL = 'go';
const MAX_ATTEMPTS = 3;

/** One to three phases of one to five tasks. */
export function planOf(seed: number): ChaosPlan {
  const random = new Random(seed, 'plan');
  const earlier: string[] = [];
  const phases = Array.from({ length: Number(random.weighted({ '1': 4, '2': 4, '3': 2 })) }, () =>
    phaseOf(random, earlier),
  );
  return { concurrency: random.between(1, 4), autoCommit: random.chance(0.9), phases };
}

function phaseOf(random: Random, earlier: string[]): ChaosPhase {
  const mode = random.weighted({ sequential: 3, parallel: 6, manual: 1 });
  return {
    mode,
    approval: random.weighted({ none: 8, before_task: 1, before_integration: 1, both: 1 }),
    atEnd: random.weighted({ continue: 8, approve: 1, pause: 1 }),
    concurrency: random.chance(0.2) ? random.between(1, 3) : null,
    tasks: Array.from({ length: random.between(1, 5) }, () => taskOf(random, earlier)),
  };
}

function taskOf(random: Random, earlier: string[]): ChaosTask {
  const key = `t${earlier.length + 1}`;
  const dependsOn = earlier.filter(() => random.chance(0.35));
  earlier.push(key);
  const kind = random.weighted({ change: 11, step: 4, milestone: 1, pause: 1, event: 1, external: 1 });
  const spec = kind === 'change' && random.chance(0.5);
  return {
    key,
    kind,
    dependsOn,
    failures: Number(random.weighted({ '0': 8, '1': 2, '5': 1 })),
    failsBy: spec && random.chance(0.5) ? 'spec' : 'exit',
    spec,
    shared: kind === 'change' && random.chance(0.3),
    scoped: random.chance(0.5),
    ms: random.pick([0, 50, 200, 600]),
  };
}

/** The plan as the API takes it. The commands write down in the journal that they begin and that they end. */
export function planFileOf(plan: ChaosPlan, name: string, journal: string): object {
  return {
    name,
    concurrency: plan.concurrency,
    autoCommit: plan.autoCommit,
    maxAttempts: MAX_ATTEMPTS,
    phases: plan.phases.map(({ tasks, concurrency, ...phase }, index) => ({
      name: `Phase ${index + 1}`,
      ...phase,
      ...(concurrency === null ? {} : { concurrency }),
      tasks: tasks.map((task) => taskFileOf(task, journal)),
    })),
  };
}

function taskFileOf(task: ChaosTask, journal: string): object {
  const head = { key: task.key, title: `Task ${task.key}`, dependsOn: task.dependsOn };
  switch (task.kind) {
    case 'milestone':
      return { ...head, executor: { milestone: {} } };
    case 'pause':
      return { ...head, executor: { wait: { for: '1s' } } };
    case 'event':
      return { ...head, executor: { wait: { event: SIGNAL } } };
    case 'external':
      return { ...head, executor: { external: {} }, effect: 'none' };
    case 'step':
      return { ...head, executor: commandOf(task, journal, []), effect: 'none' };
    case 'change':
      return {
        ...head,
        executor: commandOf(task, journal, workOf(task)),
        ...(task.spec ? { spec: specOf(task) } : {}),
        ...(task.scoped ? { writes: scopeOf(task) } : {}),
      };
  }
}

function commandOf(task: ChaosTask, journal: string, work: readonly string[]): object {
  const write = (word: string) => `echo "${word} $PLANWRIGHT_TASK $PLANWRIGHT_ATTEMPT" >> '${journal}'`;
  const fails = task.failsBy === 'exit' ? task.failures : 0;
  const lines = [
    write('begin'),
    `sleep ${task.ms / 1_000}`,
    `[ "$PLANWRIGHT_ATTEMPT" -gt ${fails} ] || exit 1`,
    ...work,
    write('end'),
  ];
  return { command: ['set -e', ...lines].join('\n'), timeout: '30s' };
}

function workOf(task: ChaosTask): string[] {
  const wrong = task.failsBy === 'spec' ? task.failures : 0;
  return [
    'mkdir -p src log',
    `echo "$PLANWRIGHT_ATTEMPT" >> log/${task.key}.txt`,
    `name=${doneName(task)}; [ "$PLANWRIGHT_ATTEMPT" -gt ${wrong} ] || name=wrong$PLANWRIGHT_ATTEMPT`,
    `echo "export const $name = $PLANWRIGHT_ATTEMPT;" > src/${task.key}.js`,
    ...(task.shared ? [`echo ${task.key} >> ${SHARED_FILE}`] : []),
  ];
}

function specOf(task: ChaosTask): object {
  const include = ['src/**'];
  return {
    spec: 1,
    rules: [{ id: 'done', scope: { include }, require: { identifiers: [doneName(task)] } }],
    checks: [{ id: 'file', run: `test -f src/${task.key}.js`, timeout: '20s' }],
  };
}

const doneName = (task: ChaosTask) => `${task.key}Done`;
const scopeOf = (task: ChaosTask) => [
  `src/${task.key}.js`,
  `log/${task.key}.txt`,
  ...(task.shared ? [SHARED_FILE] : []),
];
