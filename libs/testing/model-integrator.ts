import type { Decision } from '#domain/plan/decision.js';
import {
  decideIntent,
  decideLanded,
  decideRebased,
  decideReviewAgain,
  type Landing,
} from '#domain/plan/decisions/integration.js';
import type { AttemptFailure, IntegrationState } from '#domain/plan/state.js';
import type { ModelHub } from './model-hub.js';
import { one, type ModelIntegration, type ModelState } from './plan-model.js';

/** What a worker in the lane sees and does. */
export interface LaneWorld {
  readonly hub: ModelHub;
  readonly state: ModelState;
  nextId(kind: string): string;
  /** False when the decision was fenced. */
  command(decision: Decision | null): boolean;
  landing(integrationId: string): Landing;
  failIntegration(integrationId: string, failed: AttemptFailure): void;
}

type Step = 'fence' | 'read' | 'rebase' | 'intent' | 'give-up' | 'push' | 'land' | 'done';

/** A worker in the lane. Each step is one effect, so that it can be stopped between any two of them. */
export class Integrator {
  readonly kind = 'integrator';
  readonly id: string;
  readonly token: number;
  private readonly claimed: IntegrationState;
  private step: Step = 'read';
  private seenFence: string | null = null;
  private lane: { tip: string | null; fence: string | null } = { tip: null, fence: null };
  private tip = '';
  private newTip = '';

  constructor(
    private readonly world: LaneWorld,
    integration: ModelIntegration,
    takeover: boolean,
    private readonly hopeless: boolean,
  ) {
    this.claimed = structuredClone(integration);
    this.id = integration.id;
    this.token = integration.token;
    if (takeover) {
      this.step = 'fence';
      this.seenFence = world.hub.fence;
    }
  }

  get isDone(): boolean {
    return this.step === 'done';
  }

  /** @param luck decides what git says to a rebase */
  advance(luck: number): void {
    switch (this.step) {
      case 'fence':
        this.world.hub.moveFence(this.seenFence, `${this.id}-${this.token}-taken-over`);
        this.step = 'read';
        return;
      case 'read':
        return this.read();
      case 'rebase':
        return this.rebase(luck);
      case 'give-up':
        this.onOwnLane(() =>
          this.world.failIntegration(this.id, { failure: 'infrastructure', message: 'tried too often' }),
        );
        this.step = 'done';
        return;
      case 'intent':
        return this.recordIntent();
      case 'push': {
        const pushed = this.world.hub.push(this.lane, this.newTip, `${this.id}-${this.token}-landed`);
        this.step = pushed ? 'land' : 'done';
        return;
      }
      case 'land':
        this.onOwnLane(() => {
          this.world.command(decideLanded(this.world.landing(this.id), this.newTip, false));
        });
        this.step = 'done';
        return;
      case 'done':
    }
  }

  private read(): void {
    const { hub, state } = this.world;
    this.lane = { tip: hub.tip, fence: hub.fence };
    this.tip = hub.tip ?? state.plan.baseCommit;
    const intended = this.claimed.intentNewTip;
    const landed = intended !== null && hub.isAncestor(intended, this.tip);
    this.step = landed ? 'land' : this.hopeless ? 'give-up' : 'rebase';
    if (landed) this.newTip = intended;
  }

  private rebase(luck: number): void {
    const { hub, state } = this.world;
    this.step = 'intent';
    if (this.claimed.resultCommit !== null && this.claimed.ontoCommit === this.tip) {
      this.newTip = this.claimed.resultCommit;
      return;
    }
    const moved = one(state.attempts, this.claimed.attemptId).baseCommit !== this.tip;
    if (moved && luck < 0.15) {
      this.onOwnLane(() => this.world.failIntegration(this.id, { failure: 'conflict', message: 'conflict' }));
      this.step = 'done';
    } else if (moved && luck < 0.25) {
      this.newTip = this.tip;
    } else {
      const { taskId, candidateCommit } = this.claimed;
      const isSamePatch = (luck * 7) % 1 < 0.7;
      const patch = isSamePatch ? hub.patchOf(candidateCommit) : undefined;
      this.newTip = moved ? hub.commit(this.tip, taskId, patch) : candidateCommit;
      const { approvedPatch } = one(state.tasks, taskId);
      if (approvedPatch !== null && hub.patchOf(this.newTip) !== approvedPatch) this.askForReview();
      else if (moved && luck < 0.65) this.askForVerdict();
    }
  }

  private askForReview(): void {
    this.onOwnLane(() => {
      const shown = { commit: this.newTip, patchId: this.world.hub.patchOf(this.newTip) };
      this.world.command(decideReviewAgain(this.world.landing(this.id), shown));
    });
    this.step = 'done';
  }

  private askForVerdict(): void {
    this.onOwnLane((current) => {
      const { plan } = this.world.state;
      this.world.command(decideRebased(plan, current, this.tip, this.newTip, () => this.world.nextId('run')));
    });
    this.step = 'done';
  }

  private recordIntent(): void {
    let mine = false;
    this.onOwnLane((current) => {
      mine = this.world.command(decideIntent(this.world.state.plan, current, this.tip, this.newTip));
    });
    if (!mine) this.step = 'done';
    else this.step = this.newTip === this.tip ? 'land' : 'push';
  }

  private onOwnLane(work: (current: ModelIntegration) => void): void {
    const current = one(this.world.state.integrations, this.id);
    if (current.token !== this.token || current.epoch !== this.world.state.plan.epoch) return;
    if (current.status === 'merging' || current.status === 'pushing') work(current);
  }
}
