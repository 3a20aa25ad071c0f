import { createAnthropic } from '#agents/anthropic/anthropic.js';
import type { OriginDeps } from '#engine/deps.js';
import {
  generatePlan as askForPlan,
  type GeneratePlanCommand,
} from '#engine/commands/generate-plan.command.js';
import type { PlannerDeps } from '#engine/generation/ask-for-plan.js';
import { generatePlan } from '#engine/work/generate-plan.js';
import { createFacts, type Facts } from '#facts/facts-adapter.js';
import { DEFAULT_PRICES } from '#domain/cost/default-prices.js';
import { systemIds } from '#platform/runtime/system-ids.js';
import { PostgresSpend } from '#store/spend.js';
import { EngineHarness } from './engine-harness.js';
import { createOrigin } from './git-repositories.js';
import { GitTestKit } from './git-test-kit.js';
import { startMessagesApi, type MessagesApi } from './messages-api/messages-api.js';
import { anthropicFor } from './messages-api/model-calls.js';

export const PLANNER = { model: 'claude-opus-5-5', effort: null } as const;
const NEVER = new AbortController().signal;

/** A repository, the scripted Messages API, and a worker that has plans written. */
export class PlannerKit {
  private constructor(
    readonly harness: EngineHarness,
    readonly git: GitTestKit,
    readonly api: MessagesApi,
    private readonly facts: Facts,
    readonly deps: PlannerDeps & OriginDeps,
  ) {}

  static async open(): Promise<PlannerKit> {
    const harness = await EngineHarness.open();
    const kit = await GitTestKit.create();
    const api = await startMessagesApi([]);
    const facts = createFacts();
    const limits = { attempt: null, plan: null, day: null };
    const spend = new PostgresSpend(harness.stores.sql, { ids: systemIds, prices: DEFAULT_PRICES, limits });
    const llm = createAnthropic(anthropicFor(api));
    const deps = { ...harness.deps, git: kit.worker(), facts, llm, spend };
    return new PlannerKit(harness, kit, api, facts, deps);
  }

  /** Asks for a plan on a new repository with these files. @returns the ids of the plan and of its iteration */
  async ask(
    files: Readonly<Record<string, string>>,
    over: Partial<GeneratePlanCommand> = {},
  ): Promise<{ readonly planId: string; readonly iterationId: string }> {
    const repository = await createOrigin(await this.git.folder.next('origin'), files);
    const { ownerId: actorId } = this.harness.stores;
    const command = { repository, title: 'Export orders', description: '', actorId, ...over };
    const { id: planId } = await askForPlan(this.deps, PLANNER, command);
    return { planId, iterationId: await this.iterationOf(planId) };
  }

  /** The last generation of a plan. */
  async iterationOf(planId: string): Promise<string> {
    const row = await this.harness.stores.db.planIteration.findFirstOrThrow({
      where: { planId, kind: 'generate' },
      orderBy: { number: 'desc' },
    });
    return row.id;
  }

  /** One delivery of a generation. */
  work(iterationId: string, over: Partial<PlannerDeps> = {}, shutdown = NEVER): Promise<void> {
    return generatePlan({ ...this.deps, ...over }, iterationId, shutdown);
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.facts.close();
    await this.harness.close();
    await this.git.remove();
  }
}
