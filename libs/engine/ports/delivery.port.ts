import type { OpenDelivery } from '#domain/plan/delivery.js';
import type { DeliveredCost, DeliveredTask } from '#domain/plan/delivery-text.js';
import type { PlanStatus } from '#domain/plan/plan.machine.js';
import type { Verdict } from '#domain/spec/verdict.js';

/** Conflicts with an earlier tip of the target that a task of the plan resolved. */
export interface Resolution {
  /** The target's tip then. */
  readonly target: string;
  /** What the task landed; null: it left everything as the plan has it. */
  readonly commit: string | null;
  /** Files that did not merge then: of these, and of what the task changed, the plan's version is what was meant. */
  readonly files: readonly string[];
}

export type MergeResult =
  | { readonly kind: 'clean'; readonly tree: string }
  | { readonly kind: 'conflict'; readonly files: readonly string[]; readonly hunks: string };

/** How a plan's tip and its target stand to each other. */
export interface Divergence {
  /** Commits of the target that the plan does not have. */
  readonly behind: number;
  /** Commits of the plan that the target does not have. */
  readonly ahead: number;
  /** Files that both sides changed. */
  readonly touches: readonly string[];
}

export type TargetPush =
  | { readonly kind: 'pushed' | 'moved' }
  | { readonly kind: 'refused'; readonly reason: string; readonly remedy: string };

/** What git does for a delivery. Only the process that holds the origin's credentials calls what names an origin. */
export interface DeliveryGit {
  /** Brings the tip of a branch of the origin into the hub. @throws GitRefusal */
  fetchTarget(input: {
    readonly repositoryId: string;
    readonly origin: string;
    readonly branch: string;
  }): Promise<string>;
  compare(input: {
    readonly repositoryId: string;
    readonly tip: string;
    readonly target: string;
  }): Promise<Divergence>;
  /** Merges the target into the plan's tip, in the object database alone. @throws GitRefusal without a common history */
  merge(input: {
    readonly repositoryId: string;
    readonly tip: string;
    readonly target: string;
    /** In the order in which they were made. */
    readonly resolved: readonly Resolution[];
  }): Promise<MergeResult>;
  /** A commit that is a function of its inputs. */
  commitMerge(input: {
    readonly repositoryId: string;
    readonly tree: string;
    readonly parents: readonly string[];
    readonly message: {
      readonly subject: string;
      readonly body: string;
      readonly author: { readonly name: string; readonly email: string };
      readonly timestamp: number;
    };
  }): Promise<string>;
  /** An origin as a person may be shown it. */
  shown(origin: string): string;
  /** The commands by which a person brings a branch of the origin into another one there. */
  byHand(input: {
    readonly origin: string;
    readonly branch: string;
    readonly commit: string;
    readonly target: string;
    readonly subject: string;
  }): Promise<readonly string[]>;
  /**
   * Advances a branch of the origin from one commit to a descendant of it, and from no other. A branch that contains the
   * commit already is success.
   */
  pushTarget(input: {
    readonly repositoryId: string;
    readonly origin: string;
    readonly branch: string;
    readonly from: string;
    readonly to: string;
  }): Promise<TargetPush>;
}

/** A pull request that could not be opened, and what to do: a person has to mend it. */
export class ForgeRefusal extends Error {
  constructor(
    readonly reason: string,
    readonly remedy: string,
  ) {
    super(`${reason} ${remedy}`);
    this.name = 'ForgeRefusal';
  }
}

/** Where pull requests are. */
export interface Forge {
  /** Whether it has a token, and the origin is one of its repositories. */
  knows(origin: string): boolean;
  /**
   * Opens a pull request; the open one of the same two branches is given the text instead.
   *
   * @throws ForgeRefusal; any other error passes by itself
   */
  openPullRequest(input: {
    readonly origin: string;
    readonly head: string;
    readonly base: string;
    readonly title: string;
    readonly body: string;
  }): Promise<{ readonly number: number; readonly url: string }>;
}

/** What a delivery says of its plan. */
export interface DeliveryFacts {
  readonly number: number;
  readonly name: string;
  readonly description: string;
  readonly status: PlanStatus;
  readonly repositoryId: string;
  readonly origin: string;
  readonly branch: string;
  readonly targetBranch: string;
  readonly tipCommit: string;
  /** By number. */
  readonly tasks: readonly DeliveredTask[];
  /** The dearest model first. */
  readonly costs: readonly DeliveredCost[];
}

/** What became of a tree that the verifier was given. */
export interface DeliveryJudgement {
  /** Null where there is none: the message says why. */
  readonly verdict: Verdict | null;
  readonly message: string | null;
}

/** Reads and leases of deliveries; what moves them is decided on their plan. */
export interface DeliveryStore {
  /**
   * Takes a delivery on which somebody has to go on: whose time has come, that nobody holds, and of which no verifier has
   * the tree.
   */
  takeDelivery(): Promise<TakenDelivery | null>;
  /** @returns false when it is somebody else's */
  renewDelivery(taken: Pick<OpenDelivery, 'id' | 'token'>): Promise<boolean>;
  /** It is taken up again later, at growing intervals. */
  postponeDelivery(taken: Pick<OpenDelivery, 'id' | 'token'>): Promise<void>;
  /** Null: there is no such plan. */
  deliveryFacts(planId: string): Promise<DeliveryFacts | null>;
  /** Of the conflicts of earlier deliveries, those whose task is done. */
  resolutions(planId: string): Promise<readonly Resolution[]>;
  /** Of the tree that a delivery asked about last. */
  deliveryJudgement(id: string): Promise<DeliveryJudgement>;
  /** What deliveries put on the plan's branch of the origin. */
  deliveredHeads(planId: string): Promise<readonly string[]>;
}

export interface TakenDelivery extends OpenDelivery {
  readonly planId: string;
  /** On the tree that is delivered; null: none, or it is the plan's own. */
  readonly verdict: Verdict | null;
}

/** Deliveries of one locked plan. */
export interface DeliveryTx {
  openDelivery(): Promise<OpenDelivery | null>;
  /** The tree of a delivery, to be judged by what the plan's tasks proved; its delivery to a verifier is an effect. */
  addDeliveryJudgement(judgement: {
    readonly id: string;
    readonly deliveryId: string;
    readonly commit: string;
    readonly baseCommit: string;
  }): Promise<void>;
}
