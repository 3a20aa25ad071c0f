import { stringify } from 'yaml';
import type { PlanFile } from '#contracts/plan/plan-file.js';
import { parsePlan, parsePlanYaml, type Locate } from '#contracts/plan/parse-plan.js';
import { pathText, type PathSegment } from '#contracts/problems.js';
import { parseSpec } from '#contracts/spec/parse-spec.js';
import { DomainError, type Problem } from '#domain/domain-error.js';
import { findGraphProblems, planEdges } from '#domain/plan/graph.js';
import type { OriginDeps } from '../deps.js';
import { GitRefusal } from '../ports/git-refusal.js';
import type { NewPhase, NewTask } from '../ports/new-plan.js';

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
  const { plan, phases } = validate(command.plan);
  const { repositoryId, base } = await importRepository(deps, command, plan.base ?? null);
  return deps.store.createPlan({
    id: deps.ids.next(),
    repositoryId,
    name: plan.name,
    description: plan.description,
    metadata: plan.metadata,
    baseBranch: base.branch,
    baseCommit: base.commit,
    targetBranch: plan.target ?? base.branch,
    concurrency: plan.concurrency,
    maxAttempts: plan.maxAttempts,
    warnings: base.warnings,
    actorId: command.actorId,
    phases,
    edges: planEdges(graphOf(phases, plan)),
  });
}

function validate(input: CreatePlanCommand['plan']): { plan: PlanFile; phases: NewPhase[] } {
  const parsed = 'yaml' in input ? parsePlanYaml(input.yaml) : parsePlan(input.value);
  if (!parsed.ok) throw invalid(parsed.problems);
  const { plan, locate } = parsed;
  const problems: Problem[] = [];
  const phases = plan.phases.map((phase, p): NewPhase => ({
    name: phase.name,
    description: phase.description,
    mode: phase.mode,
    approval: phase.mode === 'manual' ? 'before_task' : 'none',
    successCriteria: phase.successCriteria,
    tasks: phase.tasks.map((task, t) => toTask(plan, p, t, task, locate, problems)),
  }));
  for (const found of findGraphProblems(graphOf(phases, plan))) {
    const path: PathSegment[] = ['phases', found.phase, 'tasks', found.task];
    if (found.dependency !== undefined) path.push('dependsOn', found.dependency);
    problems.push({ path: pathText(path), message: found.message, ...locate(path) });
  }
  if (problems.length > 0) throw invalid(problems);
  return { plan, phases };
}

function toTask(
  plan: PlanFile,
  phaseIndex: number,
  taskIndex: number,
  task: PlanFile['phases'][number]['tasks'][number],
  locate: Locate,
  problems: Problem[],
): NewTask {
  const path = ['phases', phaseIndex, 'tasks', taskIndex, 'spec'] as const;
  const yaml = typeof task.spec === 'object' ? stringify(task.spec) : task.spec;
  const parsed = yaml === undefined ? null : parseSpec(yaml);
  if (parsed !== null && !parsed.ok) {
    for (const error of parsed.errors) {
      const place = `line ${error.line}, column ${error.column} of the spec`;
      problems.push({ path: pathText(path), message: `${error.message} (${place})`, ...locate(path) });
    }
  }
  return {
    key: task.key ?? `${phaseIndex + 1}-${taskIndex + 1}`,
    title: task.title,
    prompt: task.prompt,
    executor: { kind: 'command', command: task.executor.command, timeoutSeconds: task.executor.timeout },
    mayChange: task.mayChange,
    writeScope: task.writes,
    maxAttempts: task.maxAttempts ?? plan.maxAttempts,
    spec: parsed?.ok && yaml !== undefined ? { yaml, hash: parsed.hash } : null,
  };
}

function graphOf(phases: readonly NewPhase[], plan: PlanFile) {
  return phases.map((phase, p) => ({
    name: phase.name,
    sequential: phase.mode === 'sequential',
    tasks: phase.tasks.map((task, t) => ({
      key: task.key,
      dependsOn: plan.phases[p]?.tasks[t]?.dependsOn ?? [],
    })),
  }));
}

/** Registers the repository only once its base is in the hub; a race with another registration ends in one hub. */
async function importRepository(deps: OriginDeps, command: CreatePlanCommand, base: string | null) {
  const { repository: origin, actorId } = command;
  const known = await deps.store.findRepository(origin);
  const id = known ?? deps.ids.next();
  const imported = await importBase(deps, id, origin, base);
  if (known !== null) return { repositoryId: id, base: imported };
  const repositoryId = await deps.store.registerRepository({
    id,
    origin,
    name: repositoryName(origin),
    actorId,
  });
  return {
    repositoryId,
    base: repositoryId === id ? imported : await importBase(deps, repositoryId, origin, base),
  };
}

async function importBase(deps: OriginDeps, repositoryId: string, origin: string, base: string | null) {
  try {
    return await deps.git.importBase({ repositoryId, origin, base });
  } catch (error) {
    if (!(error instanceof GitRefusal)) throw error;
    throw new DomainError('invalid', error.reason, {
      remedy: error.remedy,
      problems: [{ path: 'repository', message: error.reason }],
    });
  }
}

function invalid(problems: readonly Problem[]): DomainError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new DomainError('invalid', `The plan has ${count}; nothing was created.`, {
    remedy: 'Correct the places named and send the plan again.',
    problems,
  });
}

/** The last part of a path or URL, without `.git`. */
function repositoryName(origin: string): string {
  const last = origin
    .split(/[/\\:]/)
    .filter((part) => part !== '' && part !== '.git')
    .at(-1);
  return last?.replace(/\.git$/, '') ?? 'repository';
}
