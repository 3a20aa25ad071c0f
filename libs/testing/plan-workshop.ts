import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAgents } from '#agents/agents-adapter.js';
import { createChecks } from '#checks/checks-adapter.js';
import { archiveFile } from '#engine/archive/archive-file.js';
import { createPlan } from '#engine/commands/create-plan.command.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import type { ExecutorDeps, OriginDeps, VerifierDeps } from '#engine/deps.js';
import type { Delivery } from '#engine/ports/queue.port.js';
import { AttemptRunner } from '#engine/work/attempt-runner.js';
import { integrateAttempt } from '#engine/work/integrate-attempt.js';
import { verifyCommit } from '#engine/work/verify-commit.js';
import { PostgresLedger } from '#store/ledger.js';
import { createFacts } from '#facts/facts-adapter.js';
import { EngineHarness } from './engine-harness.js';
import { createOrigin } from './git-repositories.js';
import { GitTestKit } from './git-test-kit.js';
import { testSandbox } from './sandbox.js';
import { spendOn } from './spend.js';

const NEVER = new AbortController().signal;

/** Plans that are carried out to their end, by the engine as it is, in this process: database, git, facts and commands. */
export class PlanWorkshop {
  private constructor(
    readonly harness: EngineHarness,
    readonly kit: GitTestKit,
    readonly origin: string,
    readonly deps: ExecutorDeps & VerifierDeps & OriginDeps,
    /** The queue's deliveries: what they wake is called by `work`. */
    private readonly rings: Delivery[],
  ) {}

  /** @param files of the repository */
  static async open(files: Readonly<Record<string, string>>): Promise<PlanWorkshop> {
    const harness = await EngineHarness.open();
    const kit = await GitTestKit.create();
    const sandbox = await testSandbox({ mode: 'off', tempRoot: join(kit.folder.path, 'tmp') });
    const git = kit.worker();
    const origin = await createOrigin(await kit.folder.next('origin'), files);
    const rings: Delivery[] = [];
    const deps = {
      ...harness.deps,
      queue: { ...harness.deps.queue, deliver: async (delivery: Delivery) => void rings.push(delivery) },
      git,
      workspaces: kit.workspaces(git),
      agents: createAgents({ command: { sandbox } }),
      facts: createFacts(),
      checks: createChecks({ sandbox }),
      ledger: new PostgresLedger(harness.stores.sql),
      spend: spendOn(harness.stores),
    };
    return new PlanWorkshop(harness, kit, origin, deps, rings);
  }

  get actorId(): string {
    return this.harness.stores.ownerId;
  }

  /** Creates and starts a plan, and does all of its work that nobody has to be asked for. @returns its id */
  async run(plan: Readonly<Record<string, unknown>>): Promise<string> {
    const { actorId, deps, origin: repository } = this;
    const { id: planId } = await createPlan(deps, { repository, plan: { value: plan }, actorId });
    await startPlan(deps, { planId, actorId });
    await this.work();
    return planId;
  }

  /** Until nothing is left on the queue. */
  async work(): Promise<void> {
    const runner = new AttemptRunner(this.deps, 1, NEVER);
    for (let next = this.rings.shift(); next !== undefined; next = this.rings.shift()) {
      const { planId, id } = next;
      if (next.stage === 'execute') {
        await runner.deliver({ planId, attemptId: id });
        await runner.idle();
      } else if (next.stage === 'verify') await verifyCommit(this.deps, { planId, runId: id }, NEVER);
      else await integrateAttempt(this.deps, { planId, integrationId: id }, NEVER);
    }
  }

  plan(planId: string) {
    return this.harness.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
  }

  /** The archive of a plan, as the API gives it. */
  async archive(planId: string): Promise<Buffer> {
    const { repositoryId } = await this.plan(planId);
    const file = await archiveFile(this.deps.git.archives, { repositoryId, planId });
    if (file === null) throw new Error(`the hub has no archive of plan ${planId}`);
    const pieces: Buffer[] = [];
    for await (const piece of file.content) pieces.push(piece);
    const whole = Buffer.concat(pieces);
    if (whole.length !== file.size)
      throw new Error(`the archive has ${whole.length} bytes, not ${file.size}`);
    return whole;
  }

  /** Writes a file that no other call writes. @returns its path */
  async file(name: string, content: Buffer | string): Promise<string> {
    const path = await this.kit.folder.next(name);
    await writeFile(path, content);
    return path;
  }

  async close(): Promise<void> {
    await this.harness.close();
    await this.kit.remove();
  }
}
