import type { ModelState, ModelTask } from '../plan-model.js';
import { SIGNAL } from './plan.js';
import { Random } from './random.js';
import type { Whim } from './scenario.js';

/** Where a person's requests go. */
export interface Desk {
  readonly url: string;
  readonly token: string;
}

/** The state was another one by then; or the API had died while it held the key. */
const RACED = [404, 409];
const PATIENCE_MS = 5_000;
const TRIES = 3;

/** Somebody who gives a plan what it asks for, and has whims. What they answer depends on the seed and the task. */
export class Person {
  /** What the API should not have answered. */
  readonly complaints: string[] = [];
  private readonly said: Random;
  private readonly answers = new Map<string, number>();

  constructor(
    private readonly desk: () => Desk,
    private readonly seed: number,
    private readonly note: (line: string) => void,
  ) {
    this.said = new Random(seed, 'requests');
  }

  /** Answers everything that the plan waits for. */
  async tend(state: ModelState): Promise<void> {
    const { plan, phases, tasks } = state;
    if (plan.status === 'ready') return this.post(`plans/${plan.id}/execute`);
    for (const task of tasks) await this.tendTask(plan.id, task);
    for (const { id, status } of phases) {
      if (status !== 'awaiting_approval') continue;
      const refuses = this.first(id) && this.random(id).chance(0.3);
      if (!refuses) await this.post(`phases/${id}/approve`);
      else await this.post(`phases/${id}/reject`, { note: 'not yet' });
    }
    if (plan.status === 'paused') await this.mend(state);
  }

  /** Does something that nobody asked for. */
  async act(whim: Whim, { plan, tasks }: ModelState): Promise<void> {
    switch (whim.kind) {
      case 'pause':
        return this.post(`plans/${plan.id}/pause`, { note: 'a whim' });
      case 'pause-now':
        return this.post(`plans/${plan.id}/pause`, { now: true });
      case 'cancel':
        return this.post(`plans/${plan.id}/cancel`);
      case 'signal':
        return this.signal(plan.id);
      case 'skip': {
        const task = tasks.find(({ number }) => number === whim.task);
        if (task !== undefined) await this.skip(task, whim.satisfies);
      }
    }
  }

  private async tendTask(planId: string, task: ModelTask): Promise<void> {
    const { id, status, executorKind } = task;
    const at = `plan-tasks/${id}`;
    const firstTime = () => this.first(`${id} ${status}`) && this.random(id, status).chance(0.25);
    if (status === 'awaiting_approval' || status === 'awaiting_review') {
      if (firstTime()) await this.post(`${at}/reject`, { note: 'please do it again' });
      else await this.post(`${at}/approve`);
    } else if (status === 'waiting' && executorKind === 'wait') await this.signal(planId);
    else if (status === 'ready' && executorKind === 'external') await this.post(`${at}/claim`);
    else if (status === 'claimed') {
      if (firstTime()) await this.post(`${at}/release`);
      else await this.post(`${at}/complete`, { note: 'done by hand' });
    }
  }

  /** Lets a paused plan go on: what failed is tried again or left out, what blocks others counts as done. */
  private async mend({ plan, tasks }: ModelState): Promise<void> {
    const failed = tasks.filter(({ status }) => status === 'failed');
    for (const task of failed) {
      if (this.random(task.id, 'failed').chance(0.3)) await this.skip(task, this.said.chance(0.5));
      else await this.post(`plan-tasks/${task.id}/retry`, { note: `try again, ${this.nth(task.id)}` });
    }
    if (failed.length > 0) return;
    if (tasks.some(({ status }) => status === 'blocked')) {
      for (const task of tasks.filter(({ status, verified }) => status === 'skipped' && verified === null))
        await this.skip(task, true);
    }
    await this.post(`plans/${plan.id}/resume`);
  }

  private skip(task: ModelTask, satisfies: boolean): Promise<void> {
    return this.post(`plan-tasks/${task.id}/skip`, { satisfies });
  }

  private signal(planId: string): Promise<void> {
    return this.post(`plans/${planId}/signals`, { name: SIGNAL });
  }

  private random(...names: readonly string[]): Random {
    // Ids are of this run; what they stand for is the order in which they came up.
    return new Random(this.seed, ...names.map((name) => this.order(name)));
  }

  private readonly orders = new Map<string, number>();
  private order(name: string): number {
    if (!this.orders.has(name)) this.orders.set(name, this.orders.size);
    return this.orders.get(name) ?? 0;
  }

  private nth(name: string): number {
    const count = (this.answers.get(name) ?? 0) + 1;
    this.answers.set(name, count);
    return count;
  }

  private first(name: string): boolean {
    return this.nth(name) === 1;
  }

  /** Sends a request; one that nobody answers is sent again, by the same key where it has one. */
  async post(route: string, body: object = {}): Promise<void> {
    const key = this.said.chance(0.5) ? `chaos-${this.seed}-${this.nth('key')}` : null;
    for (let tries = 0; tries < TRIES; tries += 1) {
      const answer = await this.send(route, body, key);
      if (answer === null) continue;
      this.note(`${route} ${JSON.stringify(body)}: ${answer.status}`);
      const expected = answer.status < 300 || answer.status >= 500 || RACED.includes(answer.status);
      if (!expected) this.complaints.push(`${route} was answered with ${answer.status}: ${answer.text}`);
      return;
    }
  }

  private async send(route: string, body: object, key: string | null) {
    try {
      const { url, token } = this.desk();
      const response = await fetch(`${url}/api/${route}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          ...(key === null ? {} : { 'idempotency-key': key }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return { status: response.status, text: await response.text() };
    } catch {
      return null;
    }
  }
}
