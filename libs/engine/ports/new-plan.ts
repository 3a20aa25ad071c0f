import type { PlanBudget } from '#domain/cost/budget.js';
import type { PhaseApproval, PhaseEnd, PhaseMode } from '#domain/plan/phase.machine.js';
import type { TaskEffect, WrittenBy } from '#domain/plan/state.js';
import type { ExecutorConfig } from './agent.port.js';

/** A validated plan on its way into the store: every name resolved, every spec parsed. */
export interface NewPlan {
  readonly id: string;
  /** `ready` when absent. */
  readonly status?: 'draft';
  readonly repositoryId: string;
  readonly name: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly baseBranch: string;
  readonly baseCommit: string;
  readonly targetBranch: string;
  readonly concurrency: number;
  readonly priority: number;
  readonly autoCommit: boolean;
  /** What model calls may cost, in USD; null: as configured. */
  readonly budget: PlanBudget | null;
  readonly setup: unknown;
  readonly maxAttempts: number;
  readonly warnings: readonly string[];
  readonly actorId: string;
  readonly phases: readonly NewPhase[];
  readonly edges: readonly {
    readonly task: string;
    readonly dependsOn: string;
    readonly kind: 'explicit' | 'sequence';
  }[];
}

export interface NewPhase {
  readonly name: string;
  readonly description: string;
  readonly mode: PhaseMode;
  readonly approval: PhaseApproval;
  readonly atEnd: PhaseEnd;
  readonly concurrency: number | null;
  readonly successCriteria: readonly string[];
  readonly tasks: readonly NewTask[];
}

export interface NewTask {
  readonly key: string;
  readonly title: string;
  readonly prompt: string;
  readonly executor: ExecutorConfig;
  /** Who wrote the executor; absent: a person. */
  readonly writtenBy?: WrittenBy;
  readonly effect: TaskEffect;
  /** Name of an actor. */
  readonly assignedTo: string | null;
  readonly mayChange: readonly string[];
  readonly writeScope: readonly string[];
  /** Contracts that it may break, `<key>.<id>`. */
  readonly supersedes: readonly string[];
  /** Capabilities that whoever carries it out must have. */
  readonly needs: readonly string[];
  /** Slug of the profile that it is done under. */
  readonly profile: string | null;
  readonly maxAttempts: number;
  readonly spec: { readonly yaml: string; readonly hash: string } | null;
}
