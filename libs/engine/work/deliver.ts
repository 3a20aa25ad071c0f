import type { OriginDeps } from '../deps.js';
import { ForgeRefusal, type TakenDelivery } from '../ports/delivery.port.js';
import { GitRefusal } from '../ports/git-refusal.js';
import { deliverPlan, failDelivery } from './deliver-plan.js';

const INTERVAL_MS = 500;
/** Of one step, with growing pauses between them: some two minutes. */
const MAX_TRIES = 7;

/**
 * Carries out deliveries, step by step, beside the reconciler: an origin that answers slowly holds up no plan. Any number
 * of these may run side by side, and again after a crash.
 */
export class Deliverer {
  private isStopped = false;

  constructor(private readonly deps: OriginDeps) {}

  /** Runs until the returned function is called; what is under way then is taken up again by its lease. */
  start(): () => void {
    const stop = this.deps.clock.every(INTERVAL_MS, () => this.tick());
    return () => {
      this.isStopped = true;
      stop();
    };
  }

  /** Goes on with every delivery that nobody holds, until each waits for something. */
  async tick(): Promise<void> {
    const { deps } = this;
    try {
      while (!this.isStopped) {
        const taken = await deps.store.deliveries.takeDelivery();
        if (taken === null) return;
        await this.carryOut(taken);
      }
    } catch (error) {
      deps.log.warn({ err: error }, 'a delivery could not be carried on; the next try comes soon');
    }
  }

  private async carryOut(taken: TakenDelivery): Promise<void> {
    const { store, clock, log, leaseMs } = this.deps;
    const stop = clock.every(leaseMs / 3, async () => {
      await store.deliveries.renewDelivery(taken).catch((error: unknown) => {
        log.warn({ err: error, delivery: taken.id }, 'could not renew a lease; trying again');
      });
    });
    try {
      await deliverPlan(this.deps, taken);
    } catch (error) {
      await this.giveUp(taken, error as Error);
    } finally {
      stop();
    }
  }

  private async giveUp(taken: TakenDelivery, error: Error): Promise<void> {
    const { deps } = this;
    if (error instanceof GitRefusal || error instanceof ForgeRefusal)
      return failDelivery(deps, taken, { message: error.reason, remedy: error.remedy });
    deps.log.warn({ err: error, delivery: taken.id, tries: taken.tries }, 'a delivery failed');
    if (taken.tries < MAX_TRIES) return deps.store.deliveries.postponeDelivery(taken);
    const remedy = 'Mend that, then finish again.';
    return failDelivery(deps, taken, {
      message: `It was tried ${taken.tries} times: ${error.message}`,
      remedy,
    });
  }
}
