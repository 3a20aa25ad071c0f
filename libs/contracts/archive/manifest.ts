import { z } from 'zod';
import { VERDICT_OUTCOMES, SEVERITIES } from '#domain/spec/verdict.js';

/** The version of the format that docs/archive.md describes. */
export const ARCHIVE_FORMAT = 'planwright-archive/1';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a sha256 in hex');
const commit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'must be a full object id');
const time = z.iso.datetime();
const id = z.uuid();

const colour = z.enum(['green', 'red', 'undecided']);
const violation = z.strictObject({
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  message: z.string(),
  file: z.string().optional(),
  line: z.int().optional(),
  term: z.string().optional(),
});
const item = z.looseObject({
  id: z.string(),
  kind: z.enum(['rule', 'check']),
  candidate: colour,
  attemptBase: colour.optional(),
  planBase: colour.optional(),
  turned: z.boolean(),
  note: z.string().optional(),
  violations: z.int(),
});
const verdict = z.looseObject({
  outcome: z.enum(VERDICT_OUTCOMES),
  summary: z.string(),
  violations: z.array(violation),
  items: z.array(item),
  blocking: z.int(),
});

/** Without the values of its variables, which may be secret. */
const setup = z.strictObject({
  commands: z.array(z.string()),
  inputs: z.array(z.string()),
  caches: z.array(z.string()),
  variables: z.array(z.string()),
  network: z.boolean(),
  timeout: z.int(),
  envFile: z.string().optional(),
});

const plan = z.strictObject({
  id,
  number: z.int(),
  name: z.string(),
  description: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  repository: z.strictObject({ id, name: z.string(), origin: z.string() }),
  /** How it had ended when it was archived. */
  outcome: z.string(),
  baseBranch: z.string(),
  baseCommit: commit,
  targetBranch: z.string(),
  branch: z.string(),
  tipCommit: commit,
  publishedCommit: commit.nullable(),
  autoCommit: z.boolean(),
  revision: z.int(),
  setup: setup.nullable(),
  createdBy: id,
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});

const archive = z.strictObject({
  from: z.string(),
  note: z.string().nullable(),
  forced: z.boolean(),
  open: z.int(),
  actorId: id,
  at: time,
});

const phase = z.strictObject({
  id,
  position: z.int(),
  name: z.string(),
  mode: z.string(),
  approval: z.string(),
  atEnd: z.string(),
  successCriteria: z.array(z.string()),
  status: z.string(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});

const task = z.strictObject({
  id,
  phaseId: id,
  number: z.int(),
  key: z.string(),
  title: z.string(),
  status: z.string(),
  effect: z.string(),
  executorKind: z.string(),
  /** Of the executor as canonical JSON. */
  executorHash: sha256,
  /** Of the prompt's text. */
  promptHash: sha256,
  specHash: sha256.nullable(),
  mayChange: z.array(z.string()),
  writeScope: z.array(z.string()),
  dependsOn: z.array(z.int()),
  verified: z.boolean().nullable(),
  commit: commit.nullable(),
  approvedBy: id.nullable(),
  approvedAt: time.nullable(),
  approvedPatch: z.string().nullable(),
  assignedTo: id.nullable(),
  note: z.string().nullable(),
  startedAt: time.nullable(),
  completedAt: time.nullable(),
});

const spec = z.strictObject({ hash: sha256, type: z.string(), text: z.string() });

/** What it was kept to, and its verdicts were judged by. */
const profile = z.strictObject({
  slug: z.string(),
  reason: z.string(),
  constraints: z.strictObject({
    writes: z.array(z.string()),
    forbids: z.array(z.string()),
    maxFiles: z.int().nullable(),
    maxLines: z.int().nullable(),
    network: z.boolean(),
    commands: z.array(z.string()).nullable(),
  }),
  tools: z.array(z.string()).nullable(),
});

const attempt = z.strictObject({
  id,
  taskId: id,
  number: z.int(),
  status: z.string(),
  failure: z.string().nullable(),
  byHand: z.boolean(),
  actorId: id.nullable(),
  baseCommit: commit.nullable(),
  candidateCommit: commit.nullable(),
  patchId: z.string().nullable(),
  specHash: sha256.nullable(),
  inputHash: z.string().nullable(),
  /** Absent: it was done under none. */
  profile: profile.optional(),
  sandbox: z.string().nullable(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});

const run = z.strictObject({
  id,
  taskId: id,
  attemptId: id,
  integrationId: id.nullable(),
  status: z.string(),
  /** What was judged. */
  commit,
  /** The plan's tip that it was made on, or brought onto. */
  baseCommit: commit,
  verdict: verdict.nullable(),
  /** What the verdict was taken under; the task and the attempt have it as it was at the end. Absent in older archives. */
  judgedUnder: z
    .strictObject({ specHash: sha256.nullable(), mayChange: z.array(z.string()) })
    .nullable()
    .optional(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});

const integration = z.strictObject({
  id,
  taskId: id,
  attemptId: id,
  status: z.string(),
  candidateCommit: commit,
  ontoCommit: commit.nullable(),
  resultCommit: commit.nullable(),
  patchId: z.string().nullable(),
  finishedAt: time.nullable(),
});

const snapshot = z.strictObject({
  id,
  taskId: id.nullable(),
  attemptId: id.nullable(),
  sequence: z.int(),
  kind: z.string(),
  name: z.string().nullable(),
  gitRef: z.string(),
  commit,
  baseCommit: commit,
  createdAt: time,
});

const iteration = z.strictObject({
  number: z.int(),
  kind: z.string(),
  summary: z.string(),
  /** Of its changes as canonical JSON. */
  changesHash: sha256,
  actorId: id,
  createdAt: time,
});

const signal = z.strictObject({ name: z.string(), dataHash: sha256, actorId: id, createdAt: time });

/** `hash` is the sha256 of the canonical JSON of the rest and the plan's id. */
const event = z.strictObject({
  seq: z.int(),
  type: z.string(),
  payload: z.record(z.string(), z.unknown()),
  actorId: id,
  at: time,
  prevHash: z.string(),
  hash: sha256,
});

const actor = z.strictObject({ id, kind: z.string(), name: z.string() });

/** What the database knows of a plan that is archived. */
export const archiveRecord = z.strictObject({
  plan,
  archive,
  actors: z.array(actor),
  phases: z.array(phase),
  tasks: z.array(task),
  specs: z.array(spec),
  attempts: z.array(attempt),
  runs: z.array(run),
  integrations: z.array(integration),
  snapshots: z.array(snapshot),
  iterations: z.array(iteration),
  signals: z.array(signal),
  events: z.array(event),
});
export type ArchiveRecord = z.output<typeof archiveRecord>;
/** The same of a plan that nobody asked to archive. */
export type PlanRecord = Omit<ArchiveRecord, 'archive'> & {
  readonly archive: ArchiveRecord['archive'] | null;
};
export type ArchivedRun = ArchiveRecord['runs'][number];
export type ArchivedEvent = ArchiveRecord['events'][number];

/** `manifest.json`: canonical JSON (RFC 8785) of this. */
export const archiveManifest = archiveRecord.extend({
  format: z.literal(ARCHIVE_FORMAT),
  /** Those of the process that archived. */
  tools: z.record(z.string(), z.string()),
  bundle: z.strictObject({
    sha256,
    size: z.int(),
    /** Refs that it holds. */
    refs: z.record(z.string(), commit),
    /** Its history begins with this commit, whose parents are not in it. */
    shallow: commit,
    /** Commits that verdicts name and that the hub had no more. */
    missing: z.array(commit),
  }),
  /** Who signed: the SPKI of the public key in base64, and its sha256. */
  key: z.strictObject({ id: sha256, publicKey: z.string() }),
});
export type ArchiveManifest = z.output<typeof archiveManifest>;
