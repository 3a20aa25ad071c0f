import { decideCancelled, openIntent, type OpenWork } from '#domain/plan/decisions/cancel-plan.js';
import type { Decision } from '#domain/plan/decision.js';
import type { ModelHub } from './model-hub.js';
import type { ModelState } from './plan-model.js';

export interface CancelWorld {
  readonly hub: ModelHub;
  readonly state: ModelState;
  /** False when the decision was fenced. */
  command(decision: Decision | null): boolean;
  openWork(): OpenWork;
}

/** Whoever brings a cancellation to its end. Each step is one effect, so that it can be stopped between any two. */
export class Canceller {
  readonly kind = 'canceller';
  readonly id = 'cancel';
  readonly token = 0;
  private step: 'find' | 'read' | 'fence' | 'tip' | 'settle' | 'done' = 'find';
  private intended: string | null = null;
  private seenFence: string | null = null;
  private hasLanded = false;

  constructor(private readonly world: CancelWorld) {}

  get isDone(): boolean {
    return this.step === 'done';
  }

  advance(): void {
    const { hub, state } = this.world;
    const value = `cancelled-${state.plan.epoch}`;
    switch (this.step) {
      case 'find':
        this.intended = openIntent(this.world.openWork())?.intentNewTip ?? null;
        this.step = this.intended === null ? 'settle' : 'read';
        return;
      case 'read':
        this.seenFence = hub.fence;
        this.step = 'fence';
        return;
      case 'fence':
        hub.moveFence(this.seenFence, value);
        this.step = hub.fence === value ? 'tip' : 'read';
        return;
      case 'tip':
        this.hasLanded = (hub.tip ?? state.plan.baseCommit) === this.intended;
        this.step = 'settle';
        return;
      case 'settle':
        if (state.plan.status === 'cancelling') this.settle();
        this.step = 'done';
        return;
      case 'done':
    }
  }

  private settle(): void {
    const open = this.world.openWork();
    const integration = this.hasLanded ? openIntent(open) : null;
    const landed = integration === null ? null : { integration, verified: true };
    this.world.command(decideCancelled(this.world.state.plan, open, landed));
  }
}
