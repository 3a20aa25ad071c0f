import { createAgents } from '#agents/agents-adapter.js';
import { createChecks } from '#checks/checks-adapter.js';
import type { AgentPort } from '#engine/ports/agent.port.js';
import type { ExecutorDeps, OriginDeps, VerifierDeps } from '#engine/deps.js';
import type { GitPort } from '#engine/ports/git.port.js';
import type { AttemptJob } from '#engine/work/attempt-order.js';
import { AttemptRunner } from '#engine/work/attempt-runner.js';
import { integrateAttempt } from '#engine/work/integrate-attempt.js';
import { verifyCommit } from '#engine/work/verify-commit.js';
import { createFacts } from '#facts/facts-adapter.js';
import { PostgresLedger } from '#store/ledger.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import type { EngineHarness } from './engine-harness.js';
import type { GitTestKit } from './git-test-kit.js';
import { testSandbox } from './sandbox.js';
import { spendOn } from './spend.js';

const NEVER = new AbortController().signal;
/** Far more than any test's plan needs. */
const MAX_STEPS = 300;

/** All workers of an installation in one: carries out whatever the rows of a plan wait for, in order of its rows. */
export class EngineWorker {
  readonly deps: ExecutorDeps & VerifierDeps & OriginDeps;

  private constructor(
    private readonly harness: EngineHarness,
    kit: GitTestKit,
    git: GitPort,
    sandbox: Sandbox,
    agents: AgentPort,
  ) {
    this.deps = {
      ...harness.deps,
      git,
      workspaces: kit.workspaces(git),
      agents,
      facts: createFacts(),
      checks: createChecks({ sandbox }),
      ledger: new PostgresLedger(harness.stores.sql),
      spend: spendOn(harness.stores),
    };
  }

  /** @param agents default: commands only */
  static async open(harness: EngineHarness, kit: GitTestKit, agents?: AgentPort): Promise<EngineWorker> {
    const sandbox = await testSandbox();
    const executors = agents ?? createAgents({ command: { sandbox } });
    return new EngineWorker(harness, kit, kit.worker(), sandbox, executors);
  }

  /** Works until nothing of the plan waits for a worker. */
  async drain(planId: string): Promise<void> {
    for (let steps = 0; steps < MAX_STEPS; steps += 1) if (!(await this.step(planId))) return;
    throw new Error(`plan ${planId} never comes to rest`);
  }

  /** Carries out an attempt, and what its worker goes on with by itself. */
  async execute(job: AttemptJob): Promise<void> {
    const runner = new AttemptRunner(this.deps, 1, NEVER);
    await runner.deliver(job);
    await runner.idle();
  }

  private async step(planId: string): Promise<boolean> {
    const { db } = this.harness.stores;
    const { epoch } = await db.plan.findUniqueOrThrow({ where: { id: planId } });
    const where = { planId, epoch };
    const integration = await db.integration.findFirst({
      where: { ...where, status: { in: ['verified', 'queued'] } },
      orderBy: [{ status: 'desc' }, { position: 'asc' }],
    });
    const run = await db.verificationRun.findFirst({
      where: { ...where, status: 'queued' },
      orderBy: { id: 'asc' },
    });
    const attempt = await db.taskAttempt.findFirst({
      where: { ...where, status: 'queued' },
      orderBy: { task: { number: 'asc' } },
    });
    if (run !== null) await verifyCommit(this.deps, { planId, runId: run.id }, NEVER);
    else if (integration !== null)
      await integrateAttempt(this.deps, { planId, integrationId: integration.id }, NEVER);
    else if (attempt !== null) await this.execute({ planId, attemptId: attempt.id });
    return run !== null || integration !== null || attempt !== null;
  }
}
