import type { PlanFile } from '#contracts/plan/plan-file.js';
import type { ResolvedSpec } from '#contracts/plan/resolve-plan.js';
import type { GraphPhase } from '#domain/plan/graph.js';
import { executorKindOf } from '#contracts/plan/executor-file.js';
import {
  defaultApproval,
  type PhaseApproval,
  type PhaseEnd,
  type PhaseMode,
} from '#domain/plan/phase.machine.js';
import type { ExecutorKind, TaskEffect } from '#domain/plan/state.js';
import { impliedEffect } from '#domain/plan/task-effect.js';
import { toExecutor } from '../executors.js';
import type { ExecutorConfig } from '../ports/agent.port.js';
import type { WorkspaceSetup } from '../ports/setup.port.js';
import type { PlanEstimate } from '#contracts/api/estimate.js';
import { estimateWork, type EstimateDeps } from '../queries/estimate-work.js';
import { findCollisions, previewSteps, type Collision } from './preview-order.js';
import { specOnBase, type SpecOnBase, type SpecOnBaseDeps } from './spec-on-base.js';

export interface DryRunTask {
  /** As the plan will number it. */
  readonly number: number;
  readonly key: string;
  readonly title: string;
  readonly dependsOn: readonly string[];
  readonly executor: ExecutorConfig;
  /** What becomes of its work: a commit, or a stored result. */
  readonly effect: TaskEffect;
  readonly assignedTo: string | null;
  /** Why this executor. */
  readonly why: string;
  /** A person lets it start. */
  readonly asksFirst: boolean;
  /** A person lets its verified change onto the branch. */
  readonly asksLast: boolean;
  readonly writes: readonly string[];
  /** Null: it has none, and completes on its executor's word. */
  readonly spec: SpecOnBase | null;
}

export interface DryRunPhase {
  readonly name: string;
  readonly mode: PhaseMode;
  readonly approval: PhaseApproval;
  readonly atEnd: PhaseEnd;
  readonly concurrency: number | null;
  readonly tasks: readonly DryRunTask[];
}

export interface DryRunReport {
  readonly name: string;
  readonly base: string;
  readonly concurrency: number;
  readonly priority: number;
  /** Verified changes go onto the branch by themselves. */
  readonly autoCommit: boolean;
  readonly phases: readonly DryRunPhase[];
  /** Keys that may run side by side, step after step. */
  readonly steps: readonly (readonly string[])[];
  /** Tasks that only their write scopes keep from running side by side. */
  readonly collisions: readonly Collision[];
  /** What it may cost; absent where no task calls a model. */
  readonly estimate?: PlanEstimate;
}

export interface DryRunOrder {
  readonly plan: PlanFile;
  readonly graph: readonly GraphPhase[];
  readonly specs: readonly (readonly (ResolvedSpec | null)[])[];
  readonly repositoryId: string;
  /** The commit that the plan starts from. */
  readonly base: string;
  readonly setup: WorkspaceSetup | null;
  readonly pricing: Pick<EstimateDeps, 'prices' | 'model'>;
  readonly signal: AbortSignal;
}

/**
 * What a plan would do: no agent is started and nothing is stored. Specs are judged on the base, and their checks run
 * there. Rejects with the signal's reason when aborted.
 */
export async function dryRun(deps: SpecOnBaseDeps, order: DryRunOrder): Promise<DryRunReport> {
  const { plan, graph, base } = order;
  const writeScopes = new Map(
    plan.phases.flatMap((phase, p) =>
      phase.tasks.map((task, t) => [graph[p]?.tasks[t]?.key ?? '', task.writes] as const),
    ),
  );
  const judge = judgeOnce(deps, order);
  const phases: DryRunPhase[] = [];
  let number = 0;
  for (const [p, phase] of plan.phases.entries()) {
    const tasks: DryRunTask[] = [];
    for (const [t, task] of phase.tasks.entries()) {
      number += 1;
      const spec = await judge(order.specs[p]?.[t] ?? null);
      tasks.push({ ...describe(plan, phase, task), number, key: graph[p]?.tasks[t]?.key ?? '', spec });
    }
    const { name, mode, atEnd, concurrency = null } = phase;
    phases.push({ name, mode, approval: approvalOf(phase), atEnd, concurrency, tasks });
  }
  const { name, concurrency, priority, autoCommit } = plan;
  const slotless = new Set(
    phases.flatMap(({ tasks }) =>
      tasks.filter(({ executor }) => !NEEDS_SLOT[executor.kind]).map(({ key }) => key),
    ),
  );
  const phaseConcurrency = phases.map((phase) => phase.concurrency);
  const input = { graph, writeScopes, concurrency, phaseConcurrency, slotless };
  return {
    name,
    base,
    concurrency,
    priority,
    autoCommit,
    phases,
    steps: previewSteps(input),
    collisions: findCollisions(input),
    ...estimateOf(order, phases),
  };
}

/** Of past tasks nothing is known here: there is no database. */
function estimateOf(
  { plan, specs, pricing }: DryRunOrder,
  phases: readonly DryRunPhase[],
): Pick<DryRunReport, 'estimate'> {
  const work = phases.flatMap(({ tasks }, p) =>
    tasks.map(({ number, title, executor }, t) => {
      const prompt = `${plan.phases[p]?.tasks[t]?.prompt ?? ''}\n${specs[p]?.[t]?.yaml ?? ''}`;
      return { number, title, executor, prompt, ended: false };
    }),
  );
  const estimate = estimateWork({ ...pricing, past: () => null }, work);
  return estimate.tasks.every(({ basis }) => basis === 'free') ? {} : { estimate };
}

const NEEDS_SLOT: { readonly [K in ExecutorKind]: boolean } = {
  command: true,
  claude: true,
  agent: true,
  profile: true,
  patch: true,
  milestone: true,
  wait: false,
  external: false,
};

const WHY: { readonly [K in ExecutorKind]: string } = {
  command: 'the plan names a command for it',
  claude: 'the plan leaves it to a model',
  agent: 'the plan names an agent for it',
  profile: 'a profile is chosen for it when it begins',
  patch: 'the plan has its patch',
  milestone: 'the plan names a milestone: there is nothing to run',
  wait: 'the plan waits here: no worker is needed',
  external: 'the plan leaves it to somebody outside, who claims it and hands it in',
};

type PhaseFile = PlanFile['phases'][number];
type TaskFile = PhaseFile['tasks'][number];

function describe(
  { autoCommit }: PlanFile,
  phase: PhaseFile,
  task: TaskFile,
): Omit<DryRunTask, 'number' | 'key' | 'spec'> {
  const kind = executorKindOf(task.executor);
  const effect = task.effect ?? impliedEffect(kind);
  const approval = approvalOf(phase);
  const asksLast = !autoCommit || approval === 'before_integration' || approval === 'both';
  return {
    title: task.title,
    dependsOn: task.dependsOn,
    executor: toExecutor(task.executor),
    effect,
    assignedTo: task.assignedTo ?? null,
    why: WHY[kind],
    asksFirst: approval === 'before_task' || approval === 'both',
    asksLast: effect === 'change' && asksLast,
    writes: task.writes,
  };
}

function approvalOf({ approval, mode }: PhaseFile): PhaseApproval {
  return approval ?? defaultApproval(mode);
}

/** Tasks may share a spec: it is judged once. */
function judgeOnce(
  deps: SpecOnBaseDeps,
  order: DryRunOrder,
): (spec: ResolvedSpec | null) => Promise<SpecOnBase | null> {
  const judged = new Map<string, Promise<SpecOnBase>>();
  return async (spec) => {
    if (spec === null) return null;
    const known = judged.get(spec.hash) ?? specOnBase(deps, spec.spec, order);
    judged.set(spec.hash, known);
    return known;
  };
}
