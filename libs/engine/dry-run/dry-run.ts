import type { PlanFile } from '#contracts/plan/plan-file.js';
import type { ResolvedSpec } from '#contracts/plan/resolve-plan.js';
import type { GraphPhase } from '#domain/plan/graph.js';
import type { PhaseMode } from '#domain/plan/phase.machine.js';
import type { ExecutorConfig } from '../ports/agent.port.js';
import type { WorkspaceSetup } from '../ports/setup.port.js';
import { findCollisions, previewSteps, type Collision } from './preview-order.js';
import { specOnBase, type SpecOnBase, type SpecOnBaseDeps } from './spec-on-base.js';

export interface DryRunTask {
  /** As the plan will number it. */
  readonly number: number;
  readonly key: string;
  readonly title: string;
  readonly dependsOn: readonly string[];
  readonly executor: ExecutorConfig;
  /** Why this executor. */
  readonly why: string;
  /** A person lets it start. */
  readonly asksFirst: boolean;
  readonly writes: readonly string[];
  /** Null: it has none, and completes on its executor's word. */
  readonly spec: SpecOnBase | null;
}

export interface DryRunPhase {
  readonly name: string;
  readonly mode: PhaseMode;
  readonly tasks: readonly DryRunTask[];
}

export interface DryRunReport {
  readonly name: string;
  readonly base: string;
  readonly concurrency: number;
  readonly phases: readonly DryRunPhase[];
  /** Keys that may run side by side, step after step. */
  readonly steps: readonly (readonly string[])[];
  /** Tasks that only their write scopes keep from running side by side. */
  readonly collisions: readonly Collision[];
}

export interface DryRunOrder {
  readonly plan: PlanFile;
  readonly graph: readonly GraphPhase[];
  readonly specs: readonly (readonly (ResolvedSpec | null)[])[];
  readonly repositoryId: string;
  /** The commit that the plan starts from. */
  readonly base: string;
  readonly setup: WorkspaceSetup | null;
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
      tasks.push({
        number,
        key: graph[p]?.tasks[t]?.key ?? '',
        title: task.title,
        dependsOn: task.dependsOn,
        executor: { kind: 'command', command: task.executor.command, timeoutSeconds: task.executor.timeout },
        why: 'the plan names a command for it',
        asksFirst: phase.mode === 'manual',
        writes: task.writes,
        spec: await judge(order.specs[p]?.[t] ?? null),
      });
    }
    phases.push({ name: phase.name, mode: phase.mode, tasks });
  }
  const input = { graph, writeScopes, concurrency: plan.concurrency };
  return {
    name: plan.name,
    base,
    concurrency: plan.concurrency,
    phases,
    steps: previewSteps(input),
    collisions: findCollisions(input),
  };
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
