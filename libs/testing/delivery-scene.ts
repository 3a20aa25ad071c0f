import { createPlan } from '#engine/commands/create-plan.command.js';
import { finishPlan } from '#engine/commands/finish-plan.command.js';
import { publishPlan } from '#engine/commands/publish-plan.command.js';
import { startPlan } from '#engine/commands/start-plan.command.js';
import type { OriginDeps } from '#engine/deps.js';
import type { DeliveryGit } from '#engine/ports/delivery.port.js';
import { Deliverer } from '#engine/work/deliver.js';
import { judgeCommit } from '#engine/work/judge-commit.js';
import { EngineHarness } from './engine-harness.js';
import { EngineWorker } from './engine-worker.js';
import { commitAll, createOrigin, git, writeFiles } from './git-repositories.js';
import { GitTestKit } from './git-test-kit.js';
import { spendOn } from './spend.js';

const NEVER = new AbortController().signal;
export const DELIVERED_FILES = { 'greeting.txt': 'hello\n', 'names.txt': 'ada\n', 'src/a.ts': 'legacy();\n' };
const NO_LEGACY = `spec: 1
rules:
  - { id: no-legacy, scope: { include: [src/**] }, forbid: { identifiers: [legacy] } }
checks:
  - { id: names, run: 'grep -q ada names.txt' }
`;
const CALL = 'echo "modern();" > src/a.ts';
/** The first task proves something; nobody judges the second. */
export const DELIVERED_PLAN = {
  name: 'Modern',
  description: 'Removes @legacy <b>calls</b>.',
  phases: [
    {
      name: 'One',
      mode: 'sequential',
      tasks: [
        { key: 'call', title: 'Remove *legacy*', executor: { command: CALL }, spec: NO_LEGACY },
        { key: 'greet', title: 'Greet', executor: { command: 'echo "good day" > greeting.txt' } },
      ],
    },
  ],
};

/** A completed plan on a bare origin, and a person who pushes there. */
export class DeliveryScene {
  /** Where people work. */
  clone = '';
  origin = '';
  planId = '';
  /** What the API has instead of what workers have. */
  over: Partial<OriginDeps> = {};

  private constructor(
    readonly kit: GitTestKit,
    readonly engine: EngineHarness,
    readonly worker: EngineWorker,
  ) {}

  static async open(): Promise<DeliveryScene> {
    const kit = await GitTestKit.create();
    const engine = await EngineHarness.open();
    return new DeliveryScene(kit, engine, await EngineWorker.open(engine, kit));
  }

  async close(): Promise<void> {
    await this.engine.close();
    await this.kit.remove();
  }

  get deps(): OriginDeps {
    return { ...this.worker.deps, ...this.over };
  }

  get actorId(): string {
    return this.engine.stores.ownerId;
  }

  /** A command of that person on the plan. */
  get who(): { readonly planId: string; readonly actorId: string } {
    return { planId: this.planId, actorId: this.actorId };
  }

  /** Another plan, on a bare origin of its own. */
  async begin(): Promise<void> {
    this.clone = await createOrigin(await this.kit.folder.next('clone'), DELIVERED_FILES);
    const origin = await this.kit.folder.next('origin.git');
    await git(this.clone, 'clone', '--quiet', '--bare', this.clone, origin);
    await git(this.clone, 'remote', 'add', 'origin', origin);
    await this.complete(origin);
  }

  /** Another plan on an origin. */
  async complete(origin: string): Promise<void> {
    const { deps, actorId } = this;
    this.origin = origin;
    this.planId = (
      await createPlan(deps, { repository: origin, plan: { value: DELIVERED_PLAN }, actorId })
    ).id;
    await startPlan(deps, this.who);
    await this.settle();
  }

  /** What workers do, and the reconciler. */
  async settle(): Promise<void> {
    await this.worker.drain(this.planId);
    await publishPlan(this.deps, this.planId);
  }

  /** Its deliveries with other git. */
  withGit(over: Partial<DeliveryGit>): OriginDeps {
    const { deps } = this;
    return { ...deps, git: { ...deps.git, deliveries: { ...deps.git.deliveries, ...over } } };
  }

  /** What a reviewer of the plan, whoever that is, has paid for one call. */
  async spend(model: string, costUsd: number): Promise<void> {
    const { planId, engine } = this;
    const { id } = await engine.stores.db.planIteration.findFirstOrThrow({ where: { planId } });
    const usage = { inputTokens: 10, outputTokens: 20, cacheWriteTokens: 30, cacheReadTokens: 40 };
    const place = { planId, role: 'reviewer', iterationId: id, token: 0 } as const;
    await spendOn(engine.stores).record(place, { model, usage, costUsd });
  }

  /** A person pushes to main. */
  async moveMain(files: Readonly<Record<string, string>>, subject = 'Moved'): Promise<string> {
    await git(this.clone, 'checkout', '--quiet', 'main');
    await writeFiles(this.clone, files);
    const commit = await commitAll(this.clone, subject);
    await git(this.clone, 'push', '--quiet', 'origin', 'main');
    return commit;
  }

  /** Until every delivery has ended, or waits for a person: what the API and the verifier do. */
  async carryOut(over: OriginDeps = this.deps): Promise<void> {
    const deliverer = new Deliverer(over);
    for (let round = 0; round < 20; round += 1) {
      await deliverer.tick();
      const { planId } = this;
      const where = { planId, status: 'queued', deliveryId: { not: null } };
      const queued = await this.engine.stores.db.judgement.findFirst({ where });
      if (queued === null) return;
      await judgeCommit(this.worker.deps, queued.id, NEVER);
    }
    throw new Error('the delivery never comes to rest');
  }

  async ask(over: Partial<Parameters<typeof finishPlan>[1]> = {}): Promise<string> {
    return finishPlan(this.deps, { ...this.who, ...over });
  }

  async finish(over: Partial<Parameters<typeof finishPlan>[1]> = {}) {
    await this.ask(over);
    await this.carryOut();
    return this.last();
  }

  plan() {
    return this.engine.stores.db.plan.findUniqueOrThrow({ where: { id: this.planId } });
  }

  task(number: number) {
    return this.engine.stores.db.planTask.findFirstOrThrow({ where: { planId: this.planId, number } });
  }

  deliveries() {
    const { planId } = this;
    return this.engine.stores.db.planDelivery.findMany({ where: { planId }, orderBy: { number: 'asc' } });
  }

  async last() {
    const row = (await this.deliveries()).at(-1);
    if (row === undefined) throw new Error('there is no delivery');
    return row;
  }

  /** Whatever waits for a time is due. */
  async hurry(): Promise<void> {
    await this.engine.stores.db.planDelivery.updateMany({ data: { availableAt: new Date(0) } });
  }

  async events(): Promise<string[]> {
    const { planId } = this;
    const found = await this.engine.stores.db.planEvent.findMany({
      where: { planId },
      orderBy: { seq: 'asc' },
    });
    return found.map(({ type }) => type).filter((type) => type.startsWith('delivery.'));
  }

  at(ref: string): Promise<string> {
    return git(this.origin, 'rev-parse', ref);
  }

  show(ref: string, file: string): Promise<string> {
    return git(this.origin, 'show', `${ref}:${file}`);
  }
}
