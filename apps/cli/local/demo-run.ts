import type { PlanView } from '#contracts/api/plans.js';
import type { ApiClient } from '../api/client.js';
import type { LiveView } from '../render/live-view.js';
import type { Colours } from '../render/plan-tree.js';

/** What a demo has once its stack is up. */
export interface DemoRun {
  readonly client: ApiClient;
  /** A sample repository of its own. */
  readonly repository: string;
  readonly view: LiveView;
  readonly colours: Colours;
  /** Stops watching. */
  readonly signal: AbortSignal;
  /** Starts a plan and follows it until it rests. @returns the last state seen */
  readonly carryOut: (planId: string) => Promise<PlanView>;
}

/** What a demo ends with. */
export interface DemoTold {
  readonly plan: PlanView;
  /** The final state, for programs. */
  readonly json: object;
  /** Printed below the summary. */
  readonly lines: readonly string[];
}
