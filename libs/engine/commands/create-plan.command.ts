import type { PlanFile } from '#contracts/plan/plan-file.js';
import { resolvePlanFile, resolvePlanValue, type ResolvedSpec } from '#contracts/plan/resolve-plan.js';
import { DomainError, type Problem } from '#domain/domain-error.js';
import { defaultApproval } from '#domain/plan/phase.machine.js';
import { planEdges, type GraphPhase } from '#domain/plan/graph.js';
import { impliedEffect } from '#domain/plan/task-effect.js';
import type { OriginDeps } from '../deps.js';
import { toExecutor } from '../executors.js';
import type { NewPhase, NewTask } from '../ports/new-plan.js';
import { onPlan } from '../unit-of-work.js';
import { checkProfiles, profilesNamed } from './check-profiles.js';
import { importRepository } from './import-repository.js';
import { lookAtBase } from './look-at-base.js';

export interface CreatePlanCommand {
  /** A local path or any git URL. */
  readonly repository: string;
  readonly plan: { readonly yaml: string } | { readonly value: unknown };
  readonly actorId: string;
}

/**
 * Validates a plan whole, brings its base into the hub, and writes it. Nothing is created when anything is wrong.
 *
 * @throws DomainError `invalid` with every problem and its place
 */
export async function createPlan(
  deps: OriginDeps,
  command: CreatePlanCommand,
): Promise<{ readonly id: string; readonly number: number }> {
  const { plan, phases, graph } = validate(command.plan);
  await checkProfiles(profilesNamed(phases), () => deps.store.profiles.list({}));
  const { repositoryId, base } = await importRepository(deps, {
    origin: command.repository,
    actorId: command.actorId,
    base: plan.base ?? null,
    field: 'repository',
  });
  const created = await deps.store.createPlan({
    id: deps.ids.next(),
    repositoryId,
    name: plan.name,
    description: plan.description,
    metadata: plan.metadata,
    baseBranch: base.branch,
    baseCommit: base.commit,
    targetBranch: plan.target ?? base.branch,
    concurrency: plan.concurrency,
    priority: plan.priority,
    autoCommit: plan.autoCommit,
    budget: plan.budget ?? null,
    setup: plan.setup ?? null,
    maxAttempts: plan.maxAttempts,
    warnings: base.warnings,
    actorId: command.actorId,
    phases,
    edges: planEdges(graph),
  });
  const hasSpecs = phases.some(({ tasks }) => tasks.some(({ spec }) => spec !== null));
  if (hasSpecs)
    await onPlan(deps, created.id, (tx) => lookAtBase(deps, tx)).catch((error: unknown) => {
      deps.log.warn({ err: error, plan: created.id }, 'nobody looks at the specs of a plan on its base');
    });
  return created;
}

function validate(input: CreatePlanCommand['plan']): {
  plan: PlanFile;
  phases: NewPhase[];
  graph: readonly GraphPhase[];
} {
  const resolved = 'yaml' in input ? resolvePlanFile(input.yaml, null) : resolvePlanValue(input.value);
  if (!resolved.ok) throw invalid(resolved.problems);
  const { plan, graph, specs } = resolved;
  const phases = plan.phases.map((phase, p): NewPhase => ({
    name: phase.name,
    description: phase.description,
    mode: phase.mode,
    approval: phase.approval ?? defaultApproval(phase.mode),
    atEnd: phase.atEnd,
    concurrency: phase.concurrency ?? null,
    successCriteria: phase.successCriteria,
    tasks: phase.tasks.map((task, t) =>
      toTask(plan, task, graph[p]?.tasks[t]?.key ?? '', specs[p]?.[t] ?? null),
    ),
  }));
  return { plan, phases, graph };
}

function toTask(
  plan: PlanFile,
  task: PlanFile['phases'][number]['tasks'][number],
  key: string,
  spec: ResolvedSpec | null,
): NewTask {
  const executor = toExecutor(task.executor);
  return {
    key,
    title: task.title,
    prompt: task.prompt,
    executor,
    effect: task.effect ?? impliedEffect(executor.kind),
    assignedTo: task.assignedTo ?? null,
    mayChange: task.mayChange,
    writeScope: task.writes,
    supersedes: task.supersedes,
    needs: task.needs,
    profile: task.profile ?? null,
    maxAttempts: task.maxAttempts ?? plan.maxAttempts,
    spec: spec === null ? null : { yaml: spec.yaml, hash: spec.hash },
  };
}

function invalid(problems: readonly Problem[]): DomainError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new DomainError('invalid', `The plan has ${count}; nothing was created.`, {
    remedy: 'Correct the places named and send the plan again.',
    problems,
  });
}
