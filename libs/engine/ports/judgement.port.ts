import type { WriteLimits } from '#domain/profile/profile.js';
import type { Verdict } from '#domain/spec/verdict.js';
import type { WorkspaceSetup } from './setup.port.js';

/** A commit that somebody wants to know the verdict of. Nothing of the plan depends on it. */
export interface NewJudgement {
  readonly id: string;
  readonly taskId: string;
  /** What was handed in; null where that is no submission. */
  readonly handed: string | null;
  readonly commit: string;
  readonly baseCommit: string;
}

/** A claim: what is to be judged, by the spec as it was when it was asked. */
export interface JudgementOrder {
  readonly id: string;
  readonly token: number;
  readonly planId: string;
  /** Null, as the delivery is: the specs of the plan's first tasks are looked at on its base. */
  readonly taskId: string | null;
  /** The tree of this delivery is judged by all that stands in the plan. */
  readonly deliveryId: string | null;
  readonly repositoryId: string;
  readonly planBase: string;
  readonly attemptBase: string;
  readonly candidate: string;
  readonly specText: string | null;
  readonly mayChange: readonly string[];
  /** What the profile of the task's latest attempt lets it write; null: it has none. */
  readonly scope: WriteLimits | null;
  readonly setup: WorkspaceSetup | null;
}

export interface FinishedJudgement {
  readonly id: string;
  readonly token: number;
  /** Null where there is none to give: the specs on the base, or a message that says why. */
  readonly verdict: Verdict | null;
  readonly message: string | null;
}

/** How a spec stands on the commit that its plan starts from: see `SpecOnBase`. */
export const ON_BASE = ['red', 'green', 'guard', 'undecided'] as const;
export type OnBase = (typeof ON_BASE)[number];

export interface UnseenSpec {
  readonly id: string;
  readonly yaml: string;
  readonly tasks: readonly { readonly number: number; readonly title: string }[];
}

/** One that is gone, and its commits in the hub. */
export interface ForgottenJudgement {
  readonly id: string;
  readonly repositoryId: string;
  readonly commit: string;
  readonly handed: string | null;
}
