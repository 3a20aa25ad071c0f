import type { PlanBudget } from '#domain/cost/budget.js';
import type { ExecutorFile } from '#contracts/plan/executor-file.js';
import { decideGenerate } from '#domain/plan/decisions/generation.js';
import type { EngineDeps, OriginDeps } from '../deps.js';
import { toExecutor, writtenExecutor } from '../executors.js';
import { generationRequest, type GenerationRequest } from '../generation/request.js';
import type { Effort } from '../ports/llm.port.js';
import { decideOnPlan } from './on-known-plan.js';
import { importRepository } from './import-repository.js';

/** What a generation may be told besides what it is about; absent: as the installation has it. */
export interface GenerationChoice {
  readonly model?: string | undefined;
  readonly effort?: Effort | undefined;
  /** Who carries the tasks out. */
  readonly executor?: ExecutorFile | undefined;
}

/** The model that plans where nobody names one. */
export interface PlannerModel {
  readonly model: string;
  readonly effort: Effort | null;
}

export interface GeneratePlanCommand extends GenerationChoice {
  /** A local path or any git URL. */
  readonly repository: string;
  readonly title: string;
  readonly description: string;
  readonly base?: string | undefined;
  readonly target?: string | undefined;
  /** What the plan, and the generation as each attempt, may cost; absent: as configured. */
  readonly budget?: PlanBudget | undefined;
  readonly actorId: string;
}

/** Tasks of a generated plan are done by a model too, unless the caller says by whom. */
const DEFAULT_EXECUTOR: GenerationRequest['executor'] = { claude: {} };
const CONCURRENCY = 4;
const MAX_ATTEMPTS = 3;

/**
 * Brings the base of a repository into its hub, and has a model write a plan for it. The plan is there at once, and
 * empty until then.
 *
 * @throws DomainError `invalid`
 */
export async function generatePlan(
  deps: OriginDeps,
  planner: PlannerModel,
  command: GeneratePlanCommand,
): Promise<{ readonly id: string; readonly number: number }> {
  const { repository, title, description, actorId, target } = command;
  const { repositoryId, base } = await importRepository(deps, {
    origin: repository,
    actorId,
    base: command.base ?? null,
    field: 'repository',
  });
  const created = await deps.store.createPlan({
    id: deps.ids.next(),
    status: 'draft',
    repositoryId,
    name: title,
    description,
    metadata: {},
    baseBranch: base.branch,
    baseCommit: base.commit,
    targetBranch: target ?? base.branch,
    concurrency: CONCURRENCY,
    priority: 0,
    autoCommit: true,
    budget: command.budget ?? null,
    setup: null,
    maxAttempts: MAX_ATTEMPTS,
    warnings: base.warnings,
    actorId,
    phases: [],
    edges: [],
  });
  const { model = planner.model, effort = planner.effort } = command;
  const executor = asWritten(command.executor) ?? DEFAULT_EXECUTOR;
  const request = { title, description, executor, model, effort };
  await ask(deps, { planId: created.id, actorId }, () => request);
  return created;
}

/**
 * Has a model write the plan again of which nothing came: from what was asked before, but for what is said now.
 *
 * @throws DomainError `not_found`, or `conflict` naming the state
 */
export async function generateAgain(
  deps: EngineDeps,
  planner: PlannerModel,
  command: GenerationChoice & {
    readonly planId: string;
    readonly actorId: string;
    readonly description?: string | undefined;
  },
): Promise<void> {
  const { description, model, effort, executor } = command;
  await ask(deps, command, (before, plan) => ({
    title: plan.name,
    description: description ?? before?.description ?? plan.description,
    executor: asWritten(executor) ?? before?.executor ?? DEFAULT_EXECUTOR,
    model: model ?? before?.model ?? planner.model,
    effort: effort ?? before?.effort ?? planner.effort,
  }));
}

async function ask(
  deps: EngineDeps,
  command: { readonly planId: string; readonly actorId: string },
  requestOf: (
    before: GenerationRequest | null,
    plan: { readonly name: string; readonly description: string },
  ) => GenerationRequest,
): Promise<void> {
  await decideOnPlan(deps, command, async (tx) => {
    const { draft } = await tx.draft();
    const before = generationRequest.safeParse((await tx.latestIteration('generate'))?.request);
    const request = requestOf(before.success ? before.data : null, draft);
    const hasTasks = draft.phases.some(({ tasks }) => tasks.length > 0);
    return decideGenerate(tx.plan, { iterationId: deps.ids.next(), request, hasTasks });
  });
}

function asWritten(executor: ExecutorFile | undefined): GenerationRequest['executor'] | undefined {
  return executor === undefined ? undefined : { ...writtenExecutor(toExecutor(executor)) };
}
