import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createAgents } from '#agents/agents-adapter.js';
import { createAnthropic } from '#agents/anthropic/anthropic.js';
import type { ClaudeAgentConfig } from '#agents/claude/claude-agent.js';
import type { CliAgentConfig } from '#agents/cli/cli-agent.js';
import { createChecks } from '#checks/checks-adapter.js';
import { redact } from '#domain/redact.js';
import { createPlan } from '#engine/commands/create-plan.command.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import type { ExecutorDeps, OriginDeps, VerifierDeps } from '#engine/deps.js';
import type { Delivery } from '#engine/ports/queue.port.js';
import type { Limits } from '#domain/cost/budget.js';
import { AttemptRunner } from '#engine/work/attempt-runner.js';
import { integrateAttempt } from '#engine/work/integrate-attempt.js';
import { onPlan } from '#engine/unit-of-work.js';
import { judgeCommit } from '#engine/work/judge-commit.js';
import { verifyCommit } from '#engine/work/verify-commit.js';
import { createFacts } from '#facts/facts-adapter.js';
import type { SandboxOptions } from '#sandbox/sandbox.js';
import { PostgresLedger } from '#store/ledger.js';
import { EngineHarness } from './engine-harness.js';
import { createOrigin, git } from './git-repositories.js';
import { GitTestKit } from './git-test-kit.js';
import { startMessagesApi, type MessagesApi } from './messages-api/messages-api.js';
import { anthropicFor, TEST_KEY } from './messages-api/model-calls.js';
import type { Script } from './messages-api/script.js';
import { isolatedSandbox } from './sandbox.js';
import { spendOn } from './spend.js';

export interface ClaudeWorkshopOptions {
  readonly files: Readonly<Record<string, string>>;
  /** What may be spent; by default there is no limit. */
  readonly limits?: Partial<Limits>;
  readonly sandbox?: Partial<SandboxOptions>;
  /** Coding agents work, too: where their programs are, and their variables. */
  readonly cli?: Pick<CliAgentConfig, 'path' | 'environment'>;
  readonly agent?: Partial<Pick<ClaudeAgentConfig, 'contextTokens' | 'outputTokens'>>;
}

/** What the provider asks to wait for longer is left to the task. */
const RETRY = { tries: 3, baseDelayMs: 1, maxDelayMs: 4, maxWaitMs: 100 };
const LONGEST_BACKOFF_MS = 3_000;

type Deps = ExecutorDeps & VerifierDeps & OriginDeps;

/**
 * Plans whose tasks a model works on, carried out by the engine as it is: database, git, facts, checks, sandbox, and a
 * Messages API that answers by a script. Judgements are made while their attempt waits for them.
 */
export class ClaudeWorkshop {
  private shutdown = new AbortController();
  private readonly rings: Delivery[] = [];
  private readonly judging = new Set<Promise<unknown>>();

  private constructor(
    readonly harness: EngineHarness,
    readonly kit: GitTestKit,
    readonly api: MessagesApi,
    readonly origin: string,
    readonly deps: Deps,
  ) {}

  static async open({
    files,
    limits,
    sandbox: more,
    agent,
    cli,
  }: ClaudeWorkshopOptions): Promise<ClaudeWorkshop> {
    const harness = await EngineHarness.open();
    const kit = await GitTestKit.create();
    const api = await startMessagesApi([], { key: TEST_KEY });
    const origin = await createOrigin(await kit.folder.next('origin'), files);
    const sandbox = await isolatedSandbox({
      tempRoot: join(kit.folder.path, 'tmp'),
      secret: [kit.folder.path],
      ...(cli === undefined ? {} : { path: cli.path }),
      ...more,
    });
    const port = kit.worker();
    const facts = createFacts();
    const agents = createAgents({
      command: { sandbox },
      claude: {
        sandbox,
        llm: createAnthropic(anthropicFor(api, { retry: RETRY })),
        spend: spendOn(harness.stores, limits),
        declarations: facts,
        blobs: (repositoryId) => port.blobs(repositoryId),
        model: 'claude-opus-5-5',
        effort: null,
        contextTokens: 150_000,
        outputTokens: 16_000,
        redact: (text) => redact(text, [TEST_KEY]),
        ...agent,
      },
      ...(cli === undefined
        ? {}
        : { cli: { ...cli, sandbox, now: () => new Date(), hosts: [], loginHome: null } }),
    });
    const deps: Deps = {
      ...harness.deps,
      git: port,
      workspaces: kit.workspaces(port),
      agents,
      facts,
      checks: createChecks({ sandbox }),
      ledger: new PostgresLedger(harness.stores.sql),
      spend: spendOn(harness.stores),
    };
    const workshop: ClaudeWorkshop = new ClaudeWorkshop(harness, kit, api, origin, {
      ...deps,
      queue: { ...deps.queue, deliver: async (delivery) => workshop.ring(delivery) },
    });
    return workshop;
  }

  get actorId(): string {
    return this.harness.stores.ownerId;
  }

  /** Creates and starts a plan of these tasks, and does all of its work that nobody has to be asked for. */
  async run(tasks: readonly object[], script: Script, over: object = {}): Promise<string> {
    const { actorId, deps, origin: repository } = this;
    this.api.use(script);
    const value = { name: 'Plan', phases: [{ name: 'One', mode: 'sequential', tasks }], ...over };
    const { id: planId } = await createPlan(deps, { repository, plan: { value }, actorId });
    await startPlan(deps, { planId, actorId });
    await this.work();
    return planId;
  }

  /** Until nothing is left on the queue, and no task is about to be tried again. */
  async work(): Promise<void> {
    do await this.empty();
    while (await this.nextTry());
  }

  /** Waits for the backoff of a task that failed, as the reconciler does. @returns false when there is none */
  private async nextTry(): Promise<boolean> {
    const soon = new Date(Date.now() + LONGEST_BACKOFF_MS);
    const task = await this.harness.stores.db.planTask.findFirst({
      where: { status: 'ready', notBefore: { lt: soon }, plan: { status: 'running' } },
    });
    if (task === null) return false;
    await setTimeout(Math.max(0, (task.notBefore?.getTime() ?? 0) - Date.now()) + 5);
    await onPlan(this.deps, task.planId, async () => {});
    return true;
  }

  private async empty(): Promise<void> {
    for (let next = this.rings.shift(); next !== undefined; next = this.rings.shift()) {
      const { signal } = this.shutdown;
      const { planId, id } = next;
      if (next.stage === 'execute') {
        const runner = new AttemptRunner(this.deps, 1, signal);
        await runner.deliver({ planId, attemptId: id });
        await runner.idle();
      } else if (next.stage === 'verify') await verifyCommit(this.deps, { planId, runId: id }, signal);
      else await integrateAttempt(this.deps, { planId, integrationId: id }, signal);
    }
    await Promise.all(this.judging);
  }

  /** Tells the worker to stop; another one does what is left. */
  replaceWorker(): void {
    this.shutdown.abort();
    this.shutdown = new AbortController();
  }

  plan(planId: string) {
    return this.harness.stores.db.plan.findUniqueOrThrow({
      where: { id: planId },
      include: {
        tasks: { orderBy: { number: 'asc' }, include: { attempts: { orderBy: { number: 'asc' } } } },
      },
    });
  }

  /** The first task of a plan. */
  async task(planId: string) {
    const task = (await this.plan(planId)).tasks[0];
    if (task === undefined) throw new Error('the plan has no task');
    return task;
  }

  /** The transcript of an attempt, its blocks in order. */
  async transcript(attemptId: string): Promise<{ role: string; content: Record<string, unknown>[] }[]> {
    const rows = await this.harness.stores.db.attemptMessage.findMany({
      where: { attemptId },
      orderBy: { seq: 'asc' },
    });
    return rows.map(({ role, content }) => ({ role, content: content as Record<string, unknown>[] }));
  }

  /** What an attempt showed of itself, or all attempts did. */
  async output(attemptId?: string): Promise<string> {
    const rows = await this.harness.stores.db.attemptOutput.findMany({
      ...(attemptId === undefined ? {} : { where: { attemptId } }),
      orderBy: { seq: 'asc' },
    });
    return rows.map(({ text }) => text).join('');
  }

  /** A file on the plan's branch. */
  async file(planId: string, path: string): Promise<string> {
    const { repositoryId, tipCommit } = await this.plan(planId);
    return git(join(this.kit.hubBase, `${repositoryId}.git`), 'show', `${tipCommit}:${path}`);
  }

  /** Texts of results that the model was given in its last call, by the names of the tools in the order of their use. */
  lastResults(): string {
    return this.api.calls.at(-1)?.last ?? '';
  }

  async close(): Promise<void> {
    this.shutdown.abort();
    await Promise.all(this.judging);
    await this.api.close();
    await this.harness.close();
    await this.kit.remove();
  }

  private ring(delivery: Delivery): void {
    if (delivery.stage !== 'judge') {
      this.rings.push(delivery);
      return;
    }
    const judging = judgeCommit(this.deps, delivery.id, this.shutdown.signal);
    this.judging.add(judging);
    void judging.finally(() => this.judging.delete(judging));
  }
}
