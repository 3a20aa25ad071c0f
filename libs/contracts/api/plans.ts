import { z } from 'zod';
import { ATTEMPT_STATUSES } from '#domain/plan/attempt.machine.js';
import { PHASE_APPROVALS, PHASE_ENDS, PHASE_MODES, PHASE_STATUSES } from '#domain/plan/phase.machine.js';
import { PAUSE_REASONS, PLAN_STATUSES } from '#domain/plan/plan.machine.js';
import { FAILURES } from '#domain/plan/retry.js';
import { EXECUTOR_KINDS, TASK_EFFECTS } from '#domain/plan/state.js';
import { TASK_STATUSES } from '#domain/plan/task.machine.js';
import { SEVERITIES, VERDICT_OUTCOMES } from '#domain/spec/verdict.js';
import { usdAmount } from '../plan/budget-file.js';
import { planFileSchema } from '../plan/plan-file.js';
import { CLEAN, isClean } from '../text.js';
import { hasChanges } from './edit.js';
import { pageQuery } from './page.js';
import { repositoryOrigin } from './repositories.js';
import { budgetView, costView } from './spend.js';

/** The plan itself as JSON; `parsePlan` checks its shape, so that every problem has its path in the plan. */
export const planAsJson = z.record(z.string(), z.unknown());

/** `POST /api/plans`: the plan as JSON, or the text of a plan file. */
export const createPlanRequest = z
  .strictObject({
    repository: repositoryOrigin,
    plan: planAsJson.optional(),
    planYaml: z.string().min(1).max(1_000_000).optional(),
  })
  .refine((body) => (body.plan === undefined) !== (body.planYaml === undefined), {
    message: 'needs either plan (JSON) or planYaml (the text of a plan file)',
    path: ['plan'],
  });
export type CreatePlanRequest = z.output<typeof createPlanRequest>;

const { name, description, metadata, concurrency, maxAttempts, priority, autoCommit, setup } =
  planFileSchema.shape;

/** `PATCH /api/plans/:plan`: what is absent stays. */
export const updatePlanRequest = z
  .strictObject({
    name: name.optional(),
    description: description.unwrap().optional(),
    metadata: metadata.unwrap().optional(),
    concurrency: concurrency.unwrap().optional(),
    maxAttempts: maxAttempts.unwrap().optional(),
    priority: priority.unwrap().optional(),
    autoCommit: autoCommit.unwrap().optional(),
    /** What model calls may cost, in USD; a key that is null, or all of it, takes the limit away that the plan set. */
    budget: z
      .strictObject({ plan: usdAmount.nullable().optional(), attempt: usdAmount.nullable().optional() })
      .nullable()
      .optional(),
    /** Null takes it away. */
    setup: setup.nullable(),
  })
  .refine(...hasChanges);
export type UpdatePlanRequest = z.output<typeof updatePlanRequest>;

/** `GET /api/plans?…` */
export const listPlansQuery = z.strictObject({
  repositoryId: z.uuid().optional().describe('Only plans on this repository.'),
  status: z.enum(PLAN_STATUSES).optional().describe('Only plans in this state.'),
  ...pageQuery,
});
export type ListPlansQuery = z.output<typeof listPlansQuery>;

export const note = z.string().trim().min(1).max(2_000).refine(isClean, CLEAN);

/** `POST /api/plans/:plan/pause` */
export const pausePlanRequest = z.strictObject({
  note: note.optional(),
  /** Stops agents, too; their tasks begin again later. */
  now: z.boolean().optional(),
});
export type PausePlanRequest = z.output<typeof pausePlanRequest>;

/** `POST /api/plans/:plan/cancel` */
export const noteRequest = z.strictObject({ note: note.optional() });
export type NoteRequest = z.output<typeof noteRequest>;

/** `POST /api/plans/:plan/archive` */
export const archivePlanRequest = z.strictObject({
  note: note.optional(),
  /** With tasks open, too; the note says why. */
  force: z.boolean().optional(),
});
export type ArchivePlanRequest = z.output<typeof archivePlanRequest>;

/** `POST /api/plans/:plan/resume` */
export const resumePlanRequest = z.strictObject({
  /** Gives failed tasks another go. */
  retryFailed: z.boolean().optional(),
});
export type ResumePlanRequest = z.output<typeof resumePlanRequest>;

export const violationView = z.object({
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  message: z.string(),
  file: z.string().optional(),
  line: z.int().optional(),
  term: z.string().optional(),
});

const colour = z.enum(['green', 'red', 'undecided']);

/** How one rule or check stands on the candidate, and on the bases where those were looked at. */
export const verdictItem = z.object({
  id: z.string(),
  kind: z.enum(['rule', 'check']),
  candidate: colour,
  attemptBase: colour.optional(),
  planBase: colour.optional(),
  /** Red on a base and green on the candidate: what proves the work. */
  turned: z.boolean(),
  note: z.string().optional(),
  /** How many there are; the verdict's list may show fewer. */
  violations: z.int(),
  /** Of a check that reports single tests. */
  tests: z
    .object({ new: z.int(), fixed: z.int(), preExisting: z.int(), flaky: z.int(), gone: z.int() })
    .optional(),
  /** Of a spec that is judged as the older profile format does. */
  audit: z
    .object({
      status: z.enum(['needs_migration', 'clean']),
      expected: z.int(),
      missingExpectationFiles: z.array(z.string()),
    })
    .optional(),
});
export type VerdictItem = z.output<typeof verdictItem>;

export const verdictView = z.object({
  outcome: z.enum(VERDICT_OUTCOMES),
  summary: z.string(),
  violations: z.array(violationView),
  items: z.array(verdictItem),
});
export type VerdictView = z.output<typeof verdictView>;

export const attemptView = z.object({
  number: z.int(),
  /** Where its jobs are shown: of its execution, its verification and its integration. */
  jobs: z.string(),
  status: z.enum(ATTEMPT_STATUSES),
  failure: z.enum(FAILURES).nullable(),
  message: z.string().nullable(),
  /** What it reported, as JSON; null: nothing. */
  result: z.unknown(),
  /** What held its process: `bubblewrap`, or nothing (`off`); null: none was started, or it has not ended. */
  sandbox: z.enum(['bubblewrap', 'off']).nullable(),
  /** The agent profile that it was given to, and why; absent: none. */
  profile: z.object({ slug: z.string(), reason: z.string() }).optional(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  verdict: verdictView.nullable(),
  /** Absent where no model was called, as in all that follows. */
  cost: costView.optional(),
});

/** What the rules of a task would notice of its change: each hunk was taken back alone. */
export const strengthView = z.object({
  commit: z.string(),
  hunks: z.int(),
  /** Without them, the task would fail. */
  guarded: z.int(),
  undecided: z.int(),
  /** For which the time was over. */
  unmeasured: z.int(),
  /** Checks of the spec, which were not run: what they guard counts as unguarded. */
  checks: z.int(),
  /** At most 50. Lines are 0 where a file has none. */
  unguarded: z.array(z.object({ file: z.string(), firstLine: z.int(), lastLine: z.int() })),
});

export const taskView = z.object({
  id: z.uuid(),
  number: z.int(),
  key: z.string(),
  title: z.string(),
  status: z.enum(TASK_STATUSES),
  effect: z.enum(TASK_EFFECTS),
  executorKind: z.enum(EXECUTOR_KINDS),
  assignedTo: z.string().nullable(),
  dependsOn: z.array(z.int()),
  /** It is ready, and waits for somebody to claim it. */
  awaitsClaim: z.boolean(),
  /** Null until it is done; false: nobody but the executor says so. */
  verified: z.boolean().nullable(),
  /** Null until it was measured, some time after the task was completed. */
  strength: strengthView.nullable(),
  commit: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  completedAt: z.iso.datetime().nullable(),
  /** Of one that waits: when it is over, or gives up waiting for an event. */
  waitsUntil: z.iso.datetime().nullable(),
  /** The event that it waits for. */
  waitsFor: z.string().nullable(),
  /** Who has it in their hands. */
  claimedBy: z.string().nullable(),
  /** When their claim ends unless a heartbeat extends it; null: it has no end. */
  claimedUntil: z.iso.datetime().nullable(),
  /** The diff that waits for a person: its commit on its base, and what an approval names it by. */
  review: z.object({ commit: z.string(), patchId: z.string() }).nullable(),
  /** What it asked last: an attempt that asks rests until a person answers. */
  question: z
    .object({
      attempt: z.int(),
      text: z.string(),
      askedAt: z.iso.datetime(),
      answer: z.string().nullable(),
    })
    .nullable(),
  /** What a person wrote when they rejected, skipped, completed or retried it. */
  note: z.string().nullable(),
  /** How its spec stands on the plan's base, once somebody looked: a `green` one would prove nothing. */
  specOnBase: z.enum(['red', 'green', 'guard', 'undecided']).nullable(),
  attempts: z.array(attemptView),
  cost: costView.optional(),
});

export const phaseView = z.object({
  id: z.uuid(),
  position: z.int(),
  name: z.string(),
  description: z.string(),
  mode: z.enum(PHASE_MODES),
  approval: z.enum(PHASE_APPROVALS),
  atEnd: z.enum(PHASE_ENDS),
  concurrency: z.int().nullable(),
  status: z.enum(PHASE_STATUSES),
  successCriteria: z.array(z.string()),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  tasks: z.array(taskView),
  cost: costView.optional(),
});

/** Of a plan that is archived, or is being archived: then what is made last is null. */
export const archiveView = z.object({
  at: z.iso.datetime(),
  note: z.string().nullable(),
  /** With tasks open. */
  forced: z.boolean(),
  /** The status before: how it had ended. */
  from: z.string(),
  /** Digests of what was signed: sha256 in hex. */
  manifest: z.string().nullable(),
  bundle: z.string().nullable(),
  /** Of the key that signed it. */
  keyId: z.string().nullable(),
});
export type ArchiveView = z.output<typeof archiveView>;

export const planView = z.object({
  id: z.uuid(),
  number: z.int(),
  name: z.string(),
  description: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  status: z.enum(PLAN_STATUSES),
  pauseReason: z.enum(PAUSE_REASONS).nullable(),
  pauseNote: z.string().nullable(),
  repository: z.object({ id: z.uuid(), name: z.string(), origin: z.string() }),
  baseBranch: z.string(),
  baseCommit: z.string(),
  targetBranch: z.string(),
  branch: z.string(),
  tipCommit: z.string(),
  publishedCommit: z.string().nullable(),
  publishError: z.string().nullable(),
  priority: z.int(),
  autoCommit: z.boolean(),
  /** Absent where the plan sets no limit of its own. */
  budget: budgetView.optional(),
  /** Of its attempts, generations and reviews. */
  cost: costView.optional(),
  archive: archiveView.nullable(),
  warnings: z.array(z.string()),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  /** Sequence number of the last event this view contains: the cursor for the event stream. */
  eventSeq: z.int(),
  /** Grows with every edit: the ETag that edits name. */
  revision: z.int(),
  phases: z.array(phaseView),
});
export type PlanView = z.output<typeof planView>;
export const planHead = planView.omit({ phases: true });
export type PlanHead = z.output<typeof planHead>;

/** `GET /api/plans` */
export const planPage = z.object({
  items: z.array(planHead),
  /** Where the next page begins; null on the last one. */
  nextCursor: z.string().nullable(),
});
export type PlanPage = z.output<typeof planPage>;

export type PhaseView = z.output<typeof phaseView>;
export type TaskView = z.output<typeof taskView>;
export type AttemptView = z.output<typeof attemptView>;

export const planEventView = z.object({
  seq: z.int(),
  type: z.string(),
  at: z.iso.datetime(),
  actor: z.string(),
  payload: z.record(z.string(), z.unknown()),
});
export type PlanEventView = z.output<typeof planEventView>;
