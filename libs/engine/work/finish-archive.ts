import { decideArchived, decideArchiveEnds } from '#domain/plan/decisions/archive-plan.js';
import type { OpenWork } from '#domain/plan/decisions/cancel-plan.js';
import type { ArchiveRecord } from '#contracts/archive/manifest.js';
import { commitsOf, sealPlan } from '../archive/seal.js';
import { readSeal } from '../archive/stored-seal.js';
import { publishPlan } from '../commands/publish-plan.command.js';
import type { OriginDeps } from '../deps.js';
import type { StoredArchive } from '../ports/archive.port.js';
import { onPlan } from '../unit-of-work.js';

/** Each lost race is a change of the plan, or another finisher's archive: both are few. */
const TRIES = 5;

/**
 * Brings a plan that is being archived to its end: what is open is ended, the branch is published if it can be, the
 * archive goes into the hub, and then the plan is archived. Any number of these may run side by side, and again after a
 * crash.
 *
 * @throws when the hub cannot be reached: it is tried again
 */
export async function finishArchive(deps: OriginDeps, planId: string): Promise<void> {
  if (!(await endOpenWork(deps, planId))) return;
  await publishLast(deps, planId);
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const record = await deps.store.archiveRecord(planId);
    if (record === null || record.events.at(-1)?.type === 'plan.archived') return;
    const stored = await store(deps, record);
    if (stored === null) continue;
    deps.reach('archive.stored');
    if (await recordArchived(deps, record, stored)) return;
  }
  throw new Error(`plan ${planId} changes while it is archived`);
}

/**
 * What a paused plan left open: nothing of it is in the lane, so the hub has no say in it.
 *
 * @returns whether the plan is being archived
 */
async function endOpenWork(deps: OriginDeps, planId: string): Promise<boolean> {
  const archiving = await onPlan(deps, planId, async (tx) => {
    if (tx.plan.status !== 'archiving') return false;
    const open = await tx.openWork();
    if (!isEmpty(open)) await tx.apply(decideArchiveEnds(tx.plan, open), deps.systemActorId);
    return true;
  });
  return archiving === true;
}

function isEmpty(open: OpenWork): boolean {
  return Object.values(open).every((rows: readonly unknown[]) => rows.length === 0);
}

/** An archived plan cannot say any more that it was published: the last chance, and no condition. */
async function publishLast(deps: OriginDeps, planId: string): Promise<void> {
  const record = await deps.store.archiveRecord(planId);
  if (record === null || record.plan.publishedCommit === record.plan.tipCommit) return;
  await publishPlan(deps, planId).catch((error: unknown) => {
    deps.log.warn({ err: error, planId }, 'a plan is archived unpublished');
  });
}

interface Stored {
  readonly commit: string;
  readonly manifest: string;
  readonly bundle: string;
  readonly keyId: string;
}

/**
 * The archive of a plan that stands as the record says. Another finisher's of the same events is taken as it is: it may
 * have been recorded already, and what is recorded is never replaced.
 *
 * @returns null when another finisher was faster
 */
async function store(deps: OriginDeps, record: ArchiveRecord): Promise<Stored | null> {
  const { archives } = deps.git;
  const { plan } = record;
  const at = { repositoryId: plan.repository.id, planId: plan.id };
  const before = await archives.readArchive(at);
  if (before === null) return storeNew(deps, record, null);
  const seal = await readSeal(archives, deps.signer, at.repositoryId, before);
  if (seal === null) return storeNew(deps, record, before);
  const { manifest, bundle, keyId, events } = seal;
  if (events.count > record.events.length) return null;
  if (events.last === record.events.at(-1)?.hash) return { commit: before.commit, manifest, bundle, keyId };
  return storeNew(deps, record, before);
}

async function storeNew(
  deps: OriginDeps,
  record: ArchiveRecord,
  before: StoredArchive | null,
): Promise<Stored | null> {
  const { archives } = deps.git;
  const { plan } = record;
  const at = { repositoryId: plan.repository.id, planId: plan.id };
  const bundle = await archives.bundlePlan({
    ...at,
    base: plan.baseCommit,
    branch: plan.branch,
    tip: plan.tipCommit,
    commits: commitsOf(record),
  });
  const tools = { ...deps.tools, git: await archives.version() };
  const sealed = await sealPlan(deps.signer, record, bundle, tools);
  const commit = await archives.storeArchive({
    ...at,
    expected: before?.commit ?? null,
    manifest: sealed.manifest,
    envelope: sealed.envelope,
    bundle: bundle.blob,
    message: {
      subject: `Archive of plan ${plan.number}`,
      timestamp: Math.floor(Date.parse(record.archive.at) / 1_000),
    },
  });
  return commit === null ? null : { commit, ...sealed.digests, keyId: sealed.keyId };
}

/** @returns false when the plan has changed since it was read */
async function recordArchived(deps: OriginDeps, record: ArchiveRecord, stored: Stored): Promise<boolean> {
  const { plan, archive, events } = record;
  const { tipCommit: commit, baseCommit, repository } = plan;
  const range = { repositoryId: repository.id, from: baseCommit, to: commit };
  const diffs = commit === baseCommit ? [] : await deps.git.diff(range);
  const final = { kind: 'final', gitRef: `refs/heads/${plan.branch}`, commit, baseCommit, diffs } as const;
  const done = await onPlan(deps, plan.id, async (tx) => {
    if (tx.plan.status !== 'archiving') return true;
    if (tx.eventSeq !== events.length) return false;
    await tx.addSnapshot({ taskId: null, attemptId: null, ...final });
    await tx.apply(decideArchived(tx.plan, { ...archive, ...stored }), archive.actorId);
    return true;
  });
  return done ?? true;
}
