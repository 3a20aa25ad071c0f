import type { PlanView, TaskView } from '#contracts/api/plans.js';
import type { ApiClient } from './api/client.js';
import { askedBy, type Asked } from './asked.js';
import { ApiError } from './api/transport.js';
import { CliError } from './exit-codes.js';
import type { LiveView } from './render/live-view.js';
import { renderPlan, type Colours } from './render/plan-tree.js';

/** Answers what a plan asks: `wait` leaves it to somebody else. */
export type Approver = (asked: Asked) => Promise<'approve' | 'wait'>;

export interface WatchOptions {
  readonly client: ApiClient;
  readonly view: LiveView;
  readonly colours: Colours;
  readonly approve: Approver;
  /** Stops watching; the plan goes on. */
  readonly signal: AbortSignal;
  /** The plan as it was a moment ago; undefined: nobody read it. */
  readonly seen?: PlanView | undefined;
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
  let plan = options.seen ?? (await client.planPatiently(planId));
  // A read holds all up to its last event: only what was told since then asks for another.
  let told = 0;
  let asksToRead = options.seen === undefined;
  // Where nothing is drawn, only what ends the watch or asks somebody is worth a read.
  const pace = new Pace(view.live ? READING_SHARE : 0);
  const wake = new Wake();
  const following = client.follow(
    planId,
    0,
    (event) => {
      view.event(event);
      told = event.seq;
      if (told <= plan.eventSeq) return;
      if (/^plan\.|\.awaiting_|\.waiting$/.test(event.type)) pace.end();
      wake.call();
    },
    signal,
  );
  const drawing = () => renderPlan(plan, Date.now(), colours);
  const declined = new Set<string>();
  const timer = setInterval(() => view.draw(drawing), REDRAW_MS);
  try {
    while (!signal.aborted) {
      if (asksToRead || told > plan.eventSeq) {
        await pace.wait(signal);
        asksToRead = false;
        plan = await pace.time(() => client.planPatiently(planId));
        view.draw(drawing);
      }
      if (RESTING.includes(plan.status)) break;
      const asked = askedBy(plan).find(({ key }) => !declined.has(key));
      if (asked !== undefined) {
        view.pause();
        const answer = await options.approve(asked);
        if (answer === 'wait') declined.add(asked.key);
        else await approveIfStillAsked(client, asked);
        view.resume();
        asksToRead = true;
        continue;
      }
      if (onlyWaits(plan)) break;
      if (told <= plan.eventSeq) await wake.wait(signal);
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
async function approveIfStillAsked(client: ApiClient, asked: Asked): Promise<void> {
  try {
    await asked.approve(client);
  } catch (error) {
    const passing =
      error instanceof ApiError ? error.status >= 500 || error.status === 409 : error instanceof CliError;
    if (!passing) throw error;
  }
}

/** In these something goes on by itself, or will. */
const MOVING: readonly string[] = ['ready', 'waiting', 'queued', 'executing', 'verifying', 'integrating'];
const ASKING: readonly string[] = ['awaiting_approval', 'awaiting_review', 'awaiting_answer', 'claimed'];

/** Nothing moves before a person approves, sends an event, takes a task, or hands in what they have. */
function onlyWaits(plan: PlanView): boolean {
  if (plan.phases.some((phase) => phase.status === 'awaiting_approval')) return true;
  const open = plan.phases.filter((phase) => phase.status === 'running').flatMap((phase) => phase.tasks);
  const isMoving = open.some((task) => MOVING.includes(task.status) && !isOutside(task));
  return !isMoving && open.some((task) => ASKING.includes(task.status) || isOutside(task));
}

/** Somebody outside has to do something about it. */
function isOutside({ status, executorKind, waitsFor }: TaskView): boolean {
  return (status === 'ready' && executorKind === 'external') || (status === 'waiting' && waitsFor !== null);
}

/** Reading a large plan anew for each of its events would cost more than executing it. */
const READING_SHARE = 0.05;
const SLOWEST_MS = 2_000;

/** Keeps reads apart so that they take their share of the time, unless the plan itself changed, or somebody is asked. */
class Pace {
  private next = 0;
  private release: (() => void) | null = null;

  /** @param share of the time that reads may take */
  constructor(private readonly share: number) {}

  async time<T>(read: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    const result = await read();
    const end = performance.now();
    this.next = end + Math.min(SLOWEST_MS, (end - begin) * (1 / this.share - 1));
    return result;
  }

  /** Lets the next read begin at once. */
  end(): void {
    this.next = 0;
    this.release?.();
  }

  async wait(signal: AbortSignal): Promise<void> {
    const left = this.next - performance.now();
    if (left <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.release = null;
        resolve();
      };
      const timer = setTimeout(done, left);
      signal.addEventListener('abort', done, { once: true });
      this.release = done;
    });
  }
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
        signal.addEventListener('abort', this.end, { once: true });
      });
      signal.removeEventListener('abort', this.end);
    }
    this.called = false;
    this.release = null;
  }

  private readonly end = (): void => this.release?.();
}
