import { createParser } from 'eventsource-parser';
import type { PlanEventView, PlanView } from '#contracts/api/plans.js';

/** The API refused, with its reason as a sentence. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

interface ProblemBody {
  readonly detail?: string;
  readonly remedy?: string;
  readonly errors?: readonly {
    readonly path: string;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
  }[];
}

const RECONNECT_MS = 300;
/** An API that restarts is back within seconds: requests wait for it that long. */
const PATIENCE_MS = 20_000;

/** The REST and event-stream client of one installation. */
export class ApiClient {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  createPlan(body: { readonly repository: string; readonly plan: unknown }): Promise<PlanView> {
    return this.request('POST', '/api/plans', body);
  }

  execute(planId: string): Promise<PlanView> {
    return this.request('POST', `/api/plans/${planId}/execute`);
  }

  approve(planId: string, task: number): Promise<PlanView> {
    return this.request('POST', `/api/plans/${planId}/tasks/${task}/approve`);
  }

  /** Reads a plan; waits for an API that is restarting. */
  async plan(planId: string): Promise<PlanView> {
    for (let waited = 0; ; waited += RECONNECT_MS) {
      try {
        return await this.request('GET', `/api/plans/${planId}`);
      } catch (error) {
        const passing = !(error instanceof ApiError) || error.status >= 500;
        if (!passing || waited >= PATIENCE_MS) throw error;
        await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
      }
    }
  }

  /** Calls `onEvent` for each event above `after`, in order and once, until the signal aborts; reconnects by itself. */
  async follow(
    planId: string,
    after: number,
    onEvent: (event: PlanEventView) => void,
    signal: AbortSignal,
  ): Promise<void> {
    let cursor = after;
    while (!signal.aborted) {
      try {
        await this.stream(planId, cursor, signal, (event) => {
          cursor = event.seq;
          onEvent(event);
        });
      } catch (error) {
        if (error instanceof ApiError && error.status < 500) throw error;
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }

  private async stream(
    planId: string,
    after: number,
    signal: AbortSignal,
    onEvent: (event: PlanEventView) => void,
  ): Promise<void> {
    const response = await fetch(`${this.url}/api/plans/${planId}/events`, {
      headers: { accept: 'text/event-stream', 'last-event-id': String(after) },
      signal,
    });
    if (!response.ok || response.body === null) throw await toError(response);
    const parser = createParser({ onEvent: (event) => onEvent(JSON.parse(event.data) as PlanEventView) });
    const decoder = new TextDecoder();
    for await (const chunk of response.body)
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
  }

  private async request<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await toError(response);
    return (await response.json()) as T;
  }
}

async function toError(response: Response): Promise<ApiError> {
  const problem = (await response.json().catch(() => ({}))) as ProblemBody;
  const places = (problem.errors ?? []).map((error) => {
    const at =
      error.line === undefined ? error.path : `${error.path} (line ${error.line}, column ${error.column})`;
    return `  ${at}: ${error.message}`;
  });
  const lines = [problem.detail ?? `The API answered ${response.status}.`, ...places, problem.remedy ?? ''];
  return new ApiError(response.status, lines.filter((line) => line !== '').join('\n'));
}
