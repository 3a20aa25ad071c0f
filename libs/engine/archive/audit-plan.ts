import type { AuditPart, PlanAudit } from '#contracts/api/audit.js';
import type { PlanRecord } from '#contracts/archive/manifest.js';
import { INTEGRATION_IN_LANE, type IntegrationStatus } from '#domain/plan/integration.machine.js';
import { landingsOf } from '#domain/snapshot/standing.js';
import type { OriginDeps } from '../deps.js';
import type { LineCommit } from '../ports/archive.port.js';
import type { FactsPort } from '../ports/facts.port.js';
import { contradictions, type Contradiction } from './audit-record.js';
import { checkRecords } from './check-archive.js';
import { judgeRuns } from './judge-runs.js';
import { rememberedTrees } from './remembered-trees.js';
import type { Finding, Reproduction } from './report.js';
import { commitsOf } from './seal.js';

export interface AuditDeps extends Pick<OriginDeps, 'store' | 'git' | 'clock'> {
  readonly facts: FactsPort;
}

/** A landing moves the hub first and the record after it: so long the two may differ. */
const SETTLES_MS = 5_000;
const LOOK_AGAIN_MS = 250;

/**
 * Computes again what can be computed of a plan, archived or not: the chain of its events, what its rows say beside them,
 * that its branch is the chain of what landed, that what landed is what was graded, that no ref was moved, and every
 * verdict, with the results of checks as they were recorded. Changes nothing.
 *
 * @returns null where there is no such plan
 */
export async function auditPlan(
  deps: AuditDeps,
  planId: string,
  signal: AbortSignal,
): Promise<PlanAudit | null> {
  const settled = await settle(deps, planId, signal);
  if (settled === null) return null;
  const { record, hub } = settled;
  const { plan } = record;
  const repositoryId = plan.repository.id;
  const missing = await deps.git.archives.missing({ repositoryId, commits: commitsOf(record) });
  const findings = checkRecords(record, 'record');
  const line = await lineOf(deps, record, hub);
  const parts = [
    part('events', record.events.length, findings.filter(isOfEvents).map(placed)),
    part('record', rowsOf(record), [
      ...findings.filter((finding) => !isOfEvents(finding)).map(placed),
      ...contradictions(record),
    ]),
    branchPart(record, hub, line),
    await treesPart(deps, record, line, missing),
    refsPart(record, hub),
  ];
  const { git, facts } = deps;
  const blobs = rememberedTrees(git.blobs(repositoryId));
  const judge = { git: { diff: git.diff.bind(git), blobs: () => blobs }, facts };
  const commits = { repositoryId, missing };
  const verdicts = await judgeRuns({ judge, runChecks: null, signal }, record, commits, findings);
  const { number, name, outcome, baseCommit, tipCommit } = plan;
  return {
    plan: { number, name, outcome, baseCommit, tipCommit },
    parts,
    verdicts: verdicts.map((verdict) => ({ ...verdict, details: [...verdict.details] })),
    notes: goneNotes(missing.length),
    result: worst([...parts, ...verdicts].map(({ result }) => result)),
  };
}

interface Hub {
  /** Null: there is no branch yet. */
  readonly tip: string | null;
  readonly refs: ReadonlyMap<string, string>;
}

/** The record and the hub as they agree; where they do not for long, as they are. */
async function settle(
  { store, git, clock }: AuditDeps,
  planId: string,
  signal: AbortSignal,
): Promise<{ readonly record: PlanRecord; readonly hub: Hub } | null> {
  const began = clock.monotonic();
  for (;;) {
    const record = await store.planRecord(planId);
    if (record === null) return null;
    const { plan } = record;
    const branch = `refs/heads/${plan.branch}`;
    const listed = await git.listRefs({
      repositoryId: plan.repository.id,
      under: [branch, 'refs/planwright/'],
    });
    const refs = new Map(listed.map(({ ref, commit }) => [ref, commit]));
    const hub = { tip: refs.get(branch) ?? null, refs };
    const agree = (hub.tip ?? plan.baseCommit) === plan.tipCommit;
    if (agree || clock.monotonic() - began > SETTLES_MS) return { record, hub };
    await clock.sleep(LOOK_AGAIN_MS, signal);
    signal.throwIfAborted();
  }
}

/** From the hub's tip to the plan's base, newest first. */
async function lineOf(
  { git }: AuditDeps,
  { plan, events }: PlanRecord,
  { tip }: Hub,
): Promise<readonly LineCommit[]> {
  if (tip === null) return [];
  const limit = landingsOf(events).size + 1;
  return git.archives.line({ repositoryId: plan.repository.id, tip, base: plan.baseCommit, limit });
}

function branchPart(record: PlanRecord, { tip }: Hub, line: readonly LineCommit[]): AuditPart {
  const { plan, integrations, events } = record;
  const landings = landingsOf(events);
  const landing = integrations.some(({ status }) =>
    INTEGRATION_IN_LANE.includes(status as IntegrationStatus),
  );
  const at = tip ?? plan.baseCommit;
  // What was pushed and is not recorded yet is one commit on what is.
  const ahead = landing && at !== plan.tipCommit && line[0]?.parent === plan.tipCommit;
  if (ahead) {
    const message = 'It is about to be recorded: ask again.';
    return { part: 'branch', count: line.length, result: 'inconclusive', findings: [{ place: at, message }] };
  }
  const found: Contradiction[] = [];
  if (at !== plan.tipCommit)
    found.push({
      place: plan.branch,
      message: `In the hub it is at ${at}, by the record at ${plan.tipCommit}.`,
    });
  for (const { commit, parent } of line) {
    const of = landings.get(commit);
    if (of === undefined)
      found.push({ place: commit, message: 'It is on the branch, and no event says that it landed.' });
    else if (of.onto !== parent)
      found.push({
        place: commit,
        message: `It landed on ${of.onto}, and stands on ${parent ?? 'nothing'}.`,
      });
  }
  const last = line.at(-1);
  if (last !== undefined && last.parent !== plan.baseCommit)
    found.push({ place: last.commit, message: `The branch does not come from ${plan.baseCommit}.` });
  const onBranch = new Set(line.map(({ commit }) => commit));
  record.tasks.forEach(({ number, commit, status }, index) => {
    if (status === 'completed' && commit !== null && !onBranch.has(commit))
      found.push({
        place: `/tasks/${index}/commit`,
        message: `What task ${plan.number}.${number} made is not on the branch.`,
      });
  });
  return part('branch', line.length, found);
}

/** What landed has to be, byte for byte, what a passing verdict was about. */
async function treesPart(
  { git }: AuditDeps,
  { plan, tasks, runs, events }: PlanRecord,
  line: readonly LineCommit[],
  missing: readonly string[],
): Promise<AuditPart> {
  const landings = landingsOf(events);
  const idOf = new Map(tasks.map(({ id, number }) => [number, id]));
  const repositoryId = plan.repository.id;
  const found: Contradiction[] = [];
  let isContradicted = false;
  for (const { commit, tree } of line) {
    const task = landings.get(commit)?.task;
    if (task === undefined) continue;
    const passed = runs.filter(({ taskId, status }) => taskId === idOf.get(task) && status === 'passed');
    const there = passed.filter((run) => !missing.includes(run.commit));
    const trees = await Promise.all(there.map((run) => git.treeOf({ repositoryId, commit: run.commit })));
    if (trees.includes(tree)) continue;
    const isGone = there.length < passed.length;
    isContradicted ||= !isGone;
    const why = isGone ? 'the commit that was graded is gone' : 'no passing verdict is about this tree';
    found.push({ place: commit, message: `Task ${plan.number}.${task}: ${why}.` });
  }
  const all = part('trees', line.length, found);
  return found.length === 0 || isContradicted ? all : { ...all, result: 'inconclusive' };
}

/** Refs that are made once, and stay where they are. */
function refsPart({ plan, snapshots, events }: PlanRecord, { refs }: Hub): AuditPart {
  const found: Contradiction[] = [];
  let count = 0;
  const expect = (ref: string, commit: string, mayBeGone: boolean): void => {
    const at = refs.get(ref);
    if (at === undefined && mayBeGone) return;
    count += 1;
    if (at === undefined)
      found.push({ place: ref, message: `It is gone from the hub; it was at ${commit}.` });
    else if (at !== commit) found.push({ place: ref, message: `It was made at ${commit}, and is at ${at}.` });
  };
  expect(`refs/planwright/base/${plan.baseCommit}`, plan.baseCommit, false);
  // Pruning removes all but checkpoints.
  for (const { gitRef, commit, kind } of snapshots)
    if (gitRef.startsWith('refs/planwright/')) expect(gitRef, commit, kind !== 'checkpoint');
  for (const { lineage, from } of rewindsOf(events))
    expect(`refs/planwright/lineage/${plan.id}/${lineage}`, from, false);
  if (plan.publishedCommit !== null) {
    count += 1;
    const known = landingsOf(events).has(plan.publishedCommit) || plan.publishedCommit === plan.baseCommit;
    if (!known) found.push({ place: '/plan/publishedCommit', message: 'It is no commit that ever landed.' });
  }
  return part('refs', count, found);
}

/** What rewinds left, and under which number. */
function rewindsOf(events: PlanRecord['events']): { readonly lineage: string; readonly from: string }[] {
  return events
    .filter(({ type }) => type === 'plan.rewound')
    .map(({ payload }) => ({ lineage: String(payload['lineage']), from: String(payload['from']) }));
}

function part(name: AuditPart['part'], count: number, findings: readonly Contradiction[]): AuditPart {
  return {
    part: name,
    count,
    result: findings.length === 0 ? 'reproduced' : 'tampered',
    findings: [...findings],
  };
}

function isOfEvents({ place }: Finding): boolean {
  return place?.startsWith('/events') === true;
}

function placed({ place, message }: Finding): Contradiction {
  return { place: place ?? '', message };
}

function goneNotes(count: number): string[] {
  if (count === 0) return [];
  return [count === 1 ? '1 commit is gone from the hub.' : `${count} commits are gone from the hub.`];
}

function rowsOf({ tasks, attempts, runs, integrations, specs }: PlanRecord): number {
  return tasks.length + attempts.length + runs.length + integrations.length + specs.length;
}

const ORDER: readonly Reproduction[] = ['tampered', 'changed', 'inconclusive'];

function worst(results: readonly Reproduction[]): Reproduction {
  return ORDER.find((result) => results.includes(result)) ?? 'reproduced';
}
