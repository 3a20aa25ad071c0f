import type { PlanView } from '#contracts/api/plans.js';
import type { ApiClient } from './api/client.js';
import { ApiError } from './api/transport.js';
import { CliError } from './exit-codes.js';
import type { LiveView } from './render/live-view.js';
import { renderPlan, type Colours } from './render/plan-tree.js';

/** Answers an approval: `wait` leaves it to somebody else. */
export type Approver = (plan: PlanView, taskNumber: number) => Promise<'approve' | 'wait'>;

export interface WatchOptions {
  readonly client: ApiClient;
  readonly view: LiveView;
  readonly colours: Colours;
  readonly approve: Approver;
  /** Stops watching; the plan goes on. */
  readonly signal: AbortSignal;
}

const RESTING: readonly PlanView['status'][] = ['completed', 'failed', 'cancelled', 'paused', 'archived'];
const REDRAW_MS = 120;
const PUBLISH_LOOK_MS = 200;
const PUBLISH_PATIENCE_MS = 5_000;

/**
 * Shows a plan until it rests: ended, paused, or waiting for a person who does not answer here.
 *
 * @returns the last state seen
 */
export async function watchPlan(planId: string, options: WatchOptions): Promise<PlanView> {
  const { client, view, colours } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, options.signal]);
  let plan = await client.planPatiently(planId);
  let stale = true;
  const wake = new Wake();
  const following = client.follow(
    planId,
    0,
    (event) => {
      view.event(event);
      stale = true;
      wake.call();
    },
    signal,
  );
  const declined = new Set<number>();
  const timer = setInterval(() => view.draw(renderPlan(plan, Date.now(), colours)), REDRAW_MS);
  try {
    while (!signal.aborted) {
      if (stale) {
        stale = false;
        plan = await client.planPatiently(planId);
        view.draw(renderPlan(plan, Date.now(), colours));
      }
      if (RESTING.includes(plan.status)) break;
      const asked = waitingTask(plan, declined);
      if (asked !== null) {
        view.pause();
        const answer = await options.approve(plan, asked);
        if (answer === 'wait') declined.add(asked);
        else await approveIfStillAsked(client, `${plan.number}.${asked}`);
        view.resume();
        stale = true;
        continue;
      }
      if (onlyWaits(plan)) break;
      if (!stale) await wake.wait(signal);
    }
  } finally {
    clearInterval(timer);
    stop.abort();
    await following.catch(() => undefined);
  }
  return plan.status === 'completed' ? untilPublished(plan, client) : plan;
}

/** A plan is published right after it ends; whoever reads the end here wants to find the branch. */
async function untilPublished(plan: PlanView, client: ApiClient): Promise<PlanView> {
  let latest = plan;
  for (let waited = 0; waited < PUBLISH_PATIENCE_MS; waited += PUBLISH_LOOK_MS) {
    if (latest.publishedCommit === latest.tipCommit || latest.publishError !== null) break;
    if (latest.tipCommit === latest.baseCommit) break;
    await new Promise((resolve) => setTimeout(resolve, PUBLISH_LOOK_MS));
    latest = await client.planPatiently(plan.id);
  }
  return latest;
}

/** An approval that did not arrive is asked for again; one that somebody else gave is as good. */
async function approveIfStillAsked(client: ApiClient, task: string): Promise<void> {
  try {
    await client.decide(task, 'approve');
  } catch (error) {
    const passing =
      error instanceof ApiError ? error.status >= 500 || error.status === 409 : error instanceof CliError;
    if (!passing) throw error;
  }
}

function waitingTask(plan: PlanView, declined: ReadonlySet<number>): number | null {
  const tasks = plan.phases.flatMap((phase) => phase.tasks);
  return (
    tasks.find((task) => task.status === 'awaiting_approval' && !declined.has(task.number))?.number ?? null
  );
}

/** For these a person has to do something. */
const ASKING: readonly string[] = ['awaiting_approval', 'awaiting_review', 'claimed'];

/** Nothing moves before a person approves, claims, or hands in what they have. */
function onlyWaits(plan: PlanView): boolean {
  if (plan.phases.some((phase) => phase.status === 'awaiting_approval')) return true;
  const open = plan.phases.filter((phase) => phase.status === 'running').flatMap((phase) => phase.tasks);
  const moving = open.some(
    (task) =>
      !task.awaitsClaim &&
      ['ready', 'waiting', 'queued', 'executing', 'verifying', 'integrating'].includes(task.status),
  );
  return !moving && open.some((task) => task.awaitsClaim || ASKING.includes(task.status));
}

/** Lets one loop sleep until something happened; a call while it is awake is not lost. */
class Wake {
  private called = false;
  private release: (() => void) | null = null;

  call(): void {
    this.called = true;
    this.release?.();
  }

  async wait(signal: AbortSignal): Promise<void> {
    if (!this.called && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.release = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.called = false;
    this.release = null;
  }
}
