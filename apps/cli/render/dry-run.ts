import type { PlanEstimate } from '#contracts/api/estimate.js';
import { colours } from '../output/output.js';
import { renderEstimate } from './estimate.js';

/** What is shown of the engine's report; the clients' side does not know the engine. */
export interface ShownReport {
  readonly name: string;
  readonly base: string;
  readonly concurrency: number;
  readonly phases: readonly {
    readonly name: string;
    readonly mode: string;
    readonly approval: string;
    readonly atEnd: string;
    readonly concurrency: number | null;
    readonly tasks: readonly ShownTask[];
  }[];
  readonly steps: readonly (readonly string[])[];
  readonly estimate?: PlanEstimate;
  readonly collisions: readonly {
    readonly tasks: readonly [string, string];
    readonly scopes: readonly [readonly string[], readonly string[]];
  }[];
}

interface ShownTask {
  readonly number: number;
  readonly key: string;
  readonly title: string;
  readonly dependsOn: readonly string[];
  readonly executor: ShownExecutor;
  readonly effect: string;
  readonly assignedTo: string | null;
  readonly why: string;
  readonly asksFirst: boolean;
  readonly asksLast: boolean;
  readonly spec: ShownSpec | null;
}

type ShownExecutor =
  | { readonly kind: 'command'; readonly command: string; readonly timeoutSeconds: number }
  | { readonly kind: 'claude'; readonly model?: string | undefined; readonly timeoutSeconds: number }
  | {
      readonly kind: 'agent';
      readonly agent: { readonly name: string; readonly model?: string };
      readonly timeoutSeconds: number;
    }
  | { readonly kind: 'profile' | 'patch' | 'milestone' | 'external' }
  | {
      readonly kind: 'wait';
      readonly seconds: number | null;
      readonly until: string | null;
      readonly event: string | null;
      readonly timeoutSeconds: number | null;
    };

interface ShownSpec {
  readonly colour: 'red' | 'green' | 'guard' | 'undecided';
  readonly items: readonly {
    readonly id: string;
    readonly kind: string;
    readonly colour: string;
    readonly note?: string;
  }[];
}

const VERDICTS: Readonly<Record<ShownSpec['colour'], string>> = {
  red: colours.green('red on the base, as it should be: work can turn it green'),
  green: colours.red('green on the base: it would prove nothing. Add a rule or check that is red first'),
  guard: colours.green('a guard, green on the base: it has to stay so'),
  undecided: colours.yellow('undecided on the base'),
};

const ENDS: Readonly<Record<string, readonly string[]>> = {
  approve: ['  At its end a person lets the next phase start.'],
  pause: ['  At its end the plan pauses.'],
};

/** A dry run as lines for a person. */
export function renderDryRun(report: ShownReport): string[] {
  const number = new Map(
    report.phases.flatMap((phase) => phase.tasks.map((task) => [task.key, task.number] as const)),
  );
  const named = (key: string): string => `${number.get(key)} ${key}`;
  const { name, base, concurrency } = report;
  const lines = [
    `${name}, from ${base.slice(0, 12)}, at most ${concurrency} tasks at once. Nothing was started.`,
  ];
  report.phases.forEach((phase, index) => {
    const atMost = phase.concurrency === null ? '' : `, at most ${phase.concurrency} at once`;
    lines.push(
      '',
      `Phase ${index + 1}  ${phase.name} (${phase.mode})${atMost}`,
      ...phase.tasks.flatMap((task) => taskLines(task, named)),
      ...(ENDS[phase.atEnd] ?? []),
    );
  });
  lines.push('', 'Order, if all tasks took equally long:');
  report.steps.forEach((step, index) => {
    const beside = step.length > 1 ? '  side by side' : '';
    lines.push(`  ${index + 1}. ${step.map(named).join(', ')}${beside}`);
  });
  if (report.collisions.length > 0) lines.push('', 'Not side by side, since their write scopes may meet:');
  for (const { tasks, scopes } of report.collisions) {
    const sides = tasks.map((key, side) => `${named(key)} (${scopes[side]?.join(', ')})`);
    lines.push(`  ${sides.join(' and ')}`);
  }
  if (report.estimate !== undefined)
    lines.push('', ...renderEstimate(report.estimate, ({ number: of, title }) => `${of}  ${title}`));
  return lines;
}

function taskLines(task: ShownTask, named: (key: string) => string): string[] {
  const { executor, spec } = task;
  const after = task.dependsOn.length === 0 ? '' : `, after ${task.dependsOn.map(named).join(', ')}`;
  const asks = task.asksFirst ? ', waits for an approval' : '';
  const review = task.asksLast ? ', waits for a review before it lands' : '';
  const whose = task.assignedTo === null ? '' : `, for ${task.assignedTo}`;
  return [
    `  ${task.number}  ${task.title} [${task.key}]${after}${asks}${review}${whose}`,
    `     executor  ${executor.kind}, since ${task.why}${executorWords(executor)}`,
    `     ${judgement(task)}`,
    ...(spec?.items ?? []).map(
      ({ id, kind, colour, note }) =>
        `               ${kind} ${id}: ${colour}${note === undefined ? '' : `, ${note}`}`,
    ),
  ];
}

function executorWords(executor: ShownExecutor): string {
  if (executor.kind === 'command') {
    return `: ${executor.command.split('\n')[0] ?? ''} (at most ${executor.timeoutSeconds} s)`;
  }
  if (executor.kind === 'claude') {
    return `: ${executor.model ?? 'the model of the installation'} (at most ${executor.timeoutSeconds} s)`;
  }
  if (executor.kind === 'agent') {
    const { name, model } = executor.agent;
    return `: ${name}${model === undefined ? '' : ` with ${model}`} (at most ${executor.timeoutSeconds} s)`;
  }
  if (executor.kind !== 'wait') return '';
  if (executor.seconds !== null) return `: ${executor.seconds} s`;
  if (executor.until !== null) return `: until ${executor.until}`;
  const limit = executor.timeoutSeconds === null ? '' : ` (at most ${executor.timeoutSeconds} s)`;
  return `: until somebody sends ${executor.event}${limit}`;
}

function judgement({ effect, spec }: ShownTask): string {
  if (effect === 'none') return 'effect    none: nothing is changed, judged or integrated';
  return `spec      ${spec === null ? "none: it completes on its executor's word, not verified" : VERDICTS[spec.colour]}`;
}
