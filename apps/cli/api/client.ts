import type { PlanAudit } from '#contracts/api/audit.js';
import type { JudgementView, TaskVerdict } from '#contracts/api/judgements.js';
import type { IncomingMessage } from 'node:http';
import type { DeliveryPreviewView, DeliveryView } from '#contracts/api/deliveries.js';
import type { ContractList, WaiveContractRequest } from '#contracts/api/contracts.js';
import type { AgentList, AgentView } from '#contracts/api/agents.js';
import type { AnalyticsView } from '#contracts/api/analytics.js';
import type { AssignmentHistory, AssignmentView } from '#contracts/api/assignments.js';
import type { AnalogousView } from '#contracts/api/analogous.js';
import type { ClaimedTask, HeartbeatView, ReadyTasks, TaskContextView } from '#contracts/api/external.js';
import type { IterationDetail, IterationView } from '#contracts/api/iterations.js';
import type { TaskDetail, TaskDiff } from '#contracts/api/plan-tasks.js';
import type { WorkItemView } from '#contracts/api/work-items.js';
import type { PlanEventView, PlanView } from '#contracts/api/plans.js';
import type { PlanEstimate } from '#contracts/api/estimate.js';
import type { RepositoryView } from '#contracts/api/repositories.js';
import type { ReviewView, SuggestionsOutcome } from '#contracts/api/reviews.js';
import type { RewindPreviewView } from '#contracts/api/rewind.js';
import type { OutputView, TranscriptView } from '#contracts/api/sessions.js';
import type { SpendView } from '#contracts/api/spend.js';
import type { SignalView } from '#contracts/api/signals.js';
import type { PruneReport, SnapshotPage, SnapshotView } from '#contracts/api/snapshots.js';
import { CliError } from '../exit-codes.js';
import { pages } from './pages.js';
import { ApiError, send, sendForJson, type Place } from './transport.js';

/** A plan without its phases, as lists show it. */
export type PlanHead = Omit<PlanView, 'phases'>;

/** What is known here of a plan as a file: in an export every task has its key, and every spec is text. */
export interface ExportedPlan {
  readonly phases: readonly { readonly tasks: readonly { readonly key: string; readonly spec?: string }[] }[];
}

const RECONNECT_MS = 300;
/** An API that restarts is back within seconds: a follower waits for it that long. */
const PATIENCE_MS = 20_000;

/** The REST and event-stream client of one installation. `plan` is a number, a part of an id, an id, or `latest`. */
export class ApiClient {
  constructor(private readonly place: Place) {}

  get url(): string {
    return this.place.url;
  }

  createPlan(body: object): Promise<PlanView> {
    return this.post('/api/plans', body);
  }

  async plans(query: Readonly<Record<string, string>>): Promise<PlanHead[]> {
    const { items } = await this.get<{ items: PlanHead[] }>(`/api/plans?${new URLSearchParams(query)}`);
    return items;
  }

  plan(plan: string): Promise<PlanView> {
    return this.get(`/api/plans/${encodeURIComponent(plan)}`);
  }

  estimate(plan: string): Promise<PlanEstimate> {
    return this.get(`/api/plans/${encodeURIComponent(plan)}/estimate`);
  }

  spend(days: string): Promise<SpendView> {
    return this.get(`/api/spend?days=${encodeURIComponent(days)}`);
  }

  analytics(query: Readonly<Record<string, string>>): Promise<AnalyticsView> {
    return this.get(`/api/analytics?${new URLSearchParams(query)}`);
  }

  updatePlan(plan: string, body: object): Promise<PlanView> {
    const path = `/api/plans/${encodeURIComponent(plan)}`;
    return sendForJson(this.place, { method: 'PATCH', path, body });
  }

  exportPlan(plan: string): Promise<ExportedPlan> {
    return this.get(`/api/plans/${encodeURIComponent(plan)}/export`);
  }

  /** The archive of a plan, as a stream of its bytes. */
  archive(plan: string): Promise<IncomingMessage> {
    return send(this.place, { method: 'GET', path: `/api/plans/${encodeURIComponent(plan)}/archive` });
  }

  audit(plan: string): Promise<PlanAudit> {
    return this.get(`/api/plans/${encodeURIComponent(plan)}/audit`);
  }

  /** `execute`, `pause`, `resume`, `cancel`, `rewind`. */
  control(plan: string, verb: string, body?: object): Promise<PlanView> {
    return this.post(`/api/plans/${encodeURIComponent(plan)}/${verb}`, body);
  }

  /** What a review is, before it has begun. */
  askForReview(plan: string, body: object): Promise<ReviewView> {
    return this.post(`/api/plans/${encodeURIComponent(plan)}/review`, body);
  }

  review(plan: string, number: number): Promise<ReviewView> {
    return this.get(`/api/plans/${encodeURIComponent(plan)}/reviews/${number}`);
  }

  previewSuggestions(plan: string, body: object): Promise<SuggestionsOutcome> {
    return this.post(`/api/plans/${encodeURIComponent(plan)}/preview-suggestions`, body);
  }

  applySuggestions(plan: string, body: object): Promise<SuggestionsOutcome> {
    return this.post(`/api/plans/${encodeURIComponent(plan)}/apply-suggestions`, body);
  }

  /** A plan that a model writes. */
  generatePlan(body: object): Promise<PlanView> {
    return this.post('/api/plans/generate', body);
  }

  /** All of them, page by page. */
  iterations(plan: string): Promise<IterationView[]> {
    return pages<IterationView>(this.place, `/api/plans/${encodeURIComponent(plan)}/iterations`);
  }

  iteration(plan: string, number: number): Promise<IterationDetail> {
    return this.get(`/api/plans/${encodeURIComponent(plan)}/iterations/${number}`);
  }

  contracts(plan: string): Promise<ContractList> {
    return this.get(`/api/plans/${encodeURIComponent(plan)}/contracts`);
  }

  /** All contracts after it. */
  waive(plan: string, body: WaiveContractRequest): Promise<ContractList> {
    return this.post(`/api/plans/${encodeURIComponent(plan)}/contracts/waive`, body);
  }

  /** What is stored: the first of a name. */
  signal(plan: string, body: object): Promise<SignalView> {
    return this.post(`/api/plans/${encodeURIComponent(plan)}/signals`, body);
  }

  /** All of them, page by page. */
  repositories(): Promise<RepositoryView[]> {
    return pages<RepositoryView>(this.place, '/api/repositories');
  }

  /** The one of an origin; one that is not known is registered. */
  registerRepository(origin: string): Promise<RepositoryView> {
    return this.post('/api/repositories', { origin });
  }

  analogous(id: string, query: Readonly<Record<string, string>>): Promise<AnalogousView> {
    return this.get(`/api/repositories/${encodeURIComponent(id)}/analogous?${new URLSearchParams(query)}`);
  }

  updateRepository(id: string, body: object): Promise<RepositoryView> {
    const path = `/api/repositories/${encodeURIComponent(id)}`;
    return sendForJson(this.place, { method: 'PATCH', path, body });
  }

  async agents(query: Readonly<Record<string, string>>): Promise<readonly AgentView[]> {
    return (await this.get<AgentList>(`/api/agents?${new URLSearchParams(query)}`)).items;
  }

  agent(slug: string): Promise<AgentView> {
    return this.get(`/api/agents/${encodeURIComponent(slug)}`);
  }

  createAgent(body: object): Promise<AgentView> {
    return this.post('/api/agents', body);
  }

  /** @param verb `archive` or `restore` */
  stepAgent(slug: string, verb: string): Promise<AgentView> {
    return this.post(`/api/agents/${encodeURIComponent(slug)}/${verb}`);
  }

  updateAgent(slug: string, body: object): Promise<AgentView> {
    return sendForJson(this.place, {
      method: 'PATCH',
      path: `/api/agents/${encodeURIComponent(slug)}`,
      body,
    });
  }

  /** For a phase whose tasks have ended. */
  answerPhase(id: string, verb: 'approve' | 'reject', body?: object): Promise<PlanView> {
    return this.post(`/api/phases/${encodeURIComponent(id)}/${verb}`, body);
  }

  addPhase(body: object): Promise<PlanView> {
    return this.post('/api/phases', body);
  }

  task(task: string): Promise<TaskDetail> {
    return this.get(`/api/plan-tasks/${encodeURIComponent(task)}`);
  }

  /** @param query which snapshots; empty: what was made of it last */
  diff(task: string, query: Readonly<Record<string, string>> = {}): Promise<TaskDiff> {
    return this.get(`/api/plan-tasks/${encodeURIComponent(task)}/diff?${new URLSearchParams(query)}`);
  }

  snapshots(plan: string, query: Readonly<Record<string, string>>): Promise<SnapshotPage> {
    return this.get(`/api/plans/${encodeURIComponent(plan)}/snapshots?${new URLSearchParams(query)}`);
  }

  checkpoint(plan: string, body: object): Promise<SnapshotView> {
    return this.post(`/api/plans/${encodeURIComponent(plan)}/checkpoints`, body);
  }

  /** What a rewind would do. */
  previewRewind(
    plan: string,
    { to, keepIndependent }: { readonly to: string; readonly keepIndependent: boolean },
  ): Promise<RewindPreviewView> {
    const query = new URLSearchParams({ to, keepIndependent: String(keepIndependent) });
    return this.get(`/api/plans/${encodeURIComponent(plan)}/rewind?${query}`);
  }

  finish(plan: string, body: object): Promise<DeliveryView> {
    return this.post(`/api/plans/${encodeURIComponent(plan)}/finish`, body);
  }

  delivery(plan: string, number: number): Promise<DeliveryView> {
    return this.get(`/api/plans/${encodeURIComponent(plan)}/deliveries/${number}`);
  }

  /** How a plan stands to its target branch, or to another one. */
  previewDelivery(plan: string, target?: string): Promise<DeliveryPreviewView> {
    const query = new URLSearchParams(target === undefined ? {} : { target });
    return this.get(`/api/plans/${encodeURIComponent(plan)}/delivery?${query}`);
  }

  /** Says what is old enough to go; removes it where the body confirms it. */
  prune(body: object): Promise<PruneReport> {
    return this.post('/api/prune', body);
  }

  /** The last verdict on a task's work. */
  verdict(task: string): Promise<TaskVerdict> {
    return this.get(`/api/plan-tasks/${encodeURIComponent(task)}/verdict`);
  }

  judge(task: string, body: object): Promise<JudgementView> {
    return this.post(`/api/plan-tasks/${encodeURIComponent(task)}/judge`, body);
  }

  judgement(id: string): Promise<JudgementView> {
    return this.get(`/api/judgements/${id}`);
  }

  addTask(body: object): Promise<TaskDetail> {
    return this.post('/api/plan-tasks', body);
  }

  updateTask(task: string, body: object): Promise<TaskDetail> {
    return sendForJson(this.place, {
      method: 'PATCH',
      path: `/api/plan-tasks/${encodeURIComponent(task)}`,
      body,
    });
  }

  attemptOutput(task: string, attempt: number, after: number): Promise<OutputView> {
    return this.get(`/api/plan-tasks/${encodeURIComponent(task)}/attempts/${attempt}/output?after=${after}`);
  }

  transcript(task: string, attempt: number, after: number): Promise<TranscriptView> {
    return this.get(
      `/api/plan-tasks/${encodeURIComponent(task)}/attempts/${attempt}/transcript?after=${after}`,
    );
  }

  async ready(query: Readonly<Record<string, string>>): Promise<ReadyTasks['items']> {
    return (await this.get<ReadyTasks>(`/api/ready?${new URLSearchParams(query)}`)).items;
  }

  taskContext(task: string): Promise<TaskContextView> {
    return this.get(`/api/plan-tasks/${encodeURIComponent(task)}/context`);
  }

  heartbeat(task: string, token: string): Promise<HeartbeatView> {
    return this.post(`/api/plan-tasks/${encodeURIComponent(task)}/heartbeat`, { token });
  }

  /** All of them, page by page. */
  assignments(query: Readonly<Record<string, string>>): Promise<AssignmentView[]> {
    return pages<AssignmentView>(this.place, '/api/assignments', query);
  }

  /** @param target a task as `12.3`, or a work item as `w4` */
  async assignmentsOf(target: string): Promise<AssignmentView[]> {
    return (await this.get<AssignmentHistory>(`${workPath(target)}/assignments`)).items;
  }

  /** A verb about whose work is, such as `assign`. */
  stepWork(target: string, verb: string, body?: object): Promise<TaskDetail | WorkItemView> {
    return this.post(`${workPath(target)}/${verb}`, body);
  }

  addWorkItem(body: object): Promise<WorkItemView> {
    return this.post('/api/work-items', body);
  }

  /** All of them, page by page. */
  workItems(query: Readonly<Record<string, string>>): Promise<WorkItemView[]> {
    return pages<WorkItemView>(this.place, '/api/work-items', query);
  }

  workItem(item: string): Promise<WorkItemView> {
    return this.get(itemPath(item));
  }

  /** A verb that work items alone have, such as `close`. */
  stepItem(item: string, verb: string, body?: object): Promise<WorkItemView> {
    return this.post(`${itemPath(item)}/${verb}`, body);
  }

  /** A verb of a person, such as `approve` or `submit`; `task` is `12.3` or an id. */
  decide(task: string, verb: string, body?: object): Promise<TaskDetail & Partial<ClaimedTask>> {
    return this.post(`/api/plan-tasks/${encodeURIComponent(task)}/${verb}`, body);
  }

  /** Reads a plan; waits for an API that is restarting. */
  async planPatiently(plan: string): Promise<PlanView> {
    for (let waited = 0; ; waited += RECONNECT_MS) {
      try {
        return await this.plan(plan);
      } catch (error) {
        const refused = error instanceof ApiError && error.status < 500;
        if (refused || waited >= PATIENCE_MS) throw error;
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
        if (!(error instanceof CliError) && !signal.aborted && !isConnectionEnd(error)) throw error;
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
    // Loaded by followers only: a short command must not pay for it.
    const { createParser } = await import('eventsource-parser');
    const headers = { accept: 'text/event-stream', 'last-event-id': String(after) };
    const response = await send(this.place, {
      method: 'GET',
      path: `/api/plans/${planId}/events`,
      headers,
      signal,
    });
    const parser = createParser({ onEvent: (event) => onEvent(JSON.parse(event.data) as PlanEventView) });
    const decoder = new TextDecoder();
    for await (const chunk of response) parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
  }

  private get<T>(path: string): Promise<T> {
    return sendForJson(this.place, { method: 'GET', path });
  }

  private post<T>(path: string, body?: object): Promise<T> {
    return sendForJson(this.place, { method: 'POST', path, ...(body === undefined ? {} : { body }) });
  }
}

/** A stream that broke off in its middle: the server went away. */
function isConnectionEnd(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

function workPath(target: string): string {
  return /^w\d/.test(target) ? itemPath(target) : `/api/plan-tasks/${encodeURIComponent(target)}`;
}

function itemPath(item: string): string {
  return `/api/work-items/${encodeURIComponent(item)}`;
}
