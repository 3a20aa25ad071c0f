import { createHash } from 'node:crypto';
import type { ArchivedRun, PlanRecord } from '#contracts/archive/manifest.js';
import type { JudgedItem } from '#domain/spec/check-standing.js';
import { CONTRACT_PREFIX, recordedContracts, withContracts } from '#domain/spec/standing-contracts.js';
import type { Verdict } from '#domain/spec/verdict.js';
import { gradeWith, type JudgeDeps, type JudgeOrder } from '../verification/grade.js';
import { verdictChanges } from './compare-verdicts.js';
import type { Finding, VerdictReport } from './report.js';

export interface JudgeRunsDeps {
  readonly judge: JudgeDeps;
  /** Judges with the checks run anew; null: the recorded results of checks are taken as they are. */
  readonly runChecks: ((order: JudgeOrder) => Promise<Verdict>) | null;
  readonly signal: AbortSignal;
}

/** Where the commits of a plan are. */
export interface Commits {
  readonly repositoryId: string;
  /** Those that are not there any more. */
  readonly missing: readonly string[];
}

/** At once: each mostly waits for git. */
const AT_ONCE = 4;

/**
 * Judges every commit of a plan that has a verdict again, by the spec and what the task could change as they were then.
 *
 * @param commits where they are; null: nowhere
 * @param findings those of `/runs/<n>` make its verdict one that was tampered with
 */
export async function judgeRuns(
  deps: JudgeRunsDeps,
  record: PlanRecord,
  commits: Commits | null,
  findings: readonly Finding[],
): Promise<VerdictReport[]> {
  const archived = indexed(record);
  const runs = record.runs.flatMap((run, index) => (run.verdict === null ? [] : [{ run, index }]));
  const reports: VerdictReport[] = [];
  const next = runs.entries();
  const judge = async (): Promise<void> => {
    for (const [place, { run, index }] of next)
      reports[place] = await reportOn(deps, archived, commits, findings, run, index);
  };
  // Checks use what the machine has; side by side they would fail by each other's time.
  await Promise.all(Array.from({ length: deps.runChecks === null ? AT_ONCE : 1 }, judge));
  return reports;
}

/** What is recorded of a plan, and its rows by what others name them by. */
interface Archived {
  readonly record: PlanRecord;
  readonly tasks: ReadonlyMap<string, PlanRecord['tasks'][number]>;
  readonly attempts: ReadonlyMap<string, PlanRecord['attempts'][number]>;
  readonly specs: ReadonlyMap<string, PlanRecord['specs'][number]>;
}

function indexed(record: PlanRecord): Archived {
  return {
    record,
    tasks: new Map(record.tasks.map((task) => [task.id, task])),
    attempts: new Map(record.attempts.map((attempt) => [attempt.id, attempt])),
    specs: new Map(record.specs.map((spec) => [spec.hash, spec])),
  };
}

async function reportOn(
  deps: JudgeRunsDeps,
  archived: Archived,
  commits: Commits | null,
  findings: readonly Finding[],
  run: ArchivedRun,
  index: number,
): Promise<VerdictReport> {
  const { record } = archived;
  const task = archived.tasks.get(run.taskId);
  const attempt = archived.attempts.get(run.attemptId);
  const head = {
    task: `${record.plan.number}.${task?.number ?? '?'}`,
    attempt: attempt?.number ?? 0,
    atIntegration: run.integrationId !== null,
    commit: run.commit,
    outcome: run.verdict?.outcome ?? '',
  };
  const place = new RegExp(`/runs/${index}(?:/|$|\\s)`);
  const broken = findings.filter((finding) => place.test(finding.place ?? ''));
  if (broken.length > 0)
    return { ...head, result: 'tampered', details: broken.map(({ message }) => message) };
  return { ...head, ...(await judgeOne(deps, archived, commits, run)) };
}

type Judged = Pick<VerdictReport, 'result' | 'details'>;
const unknown = (why: string): Judged => ({ result: 'inconclusive', details: [why] });

async function judgeOne(
  deps: JudgeRunsDeps,
  archived: Archived,
  commits: Commits | null,
  run: ArchivedRun,
): Promise<Judged> {
  const { record } = archived;
  const attempt = archived.attempts.get(run.attemptId);
  const task = archived.tasks.get(run.taskId);
  if (commits === null || attempt === undefined || task === undefined)
    return unknown('What it judged cannot be read.');
  const planBase = record.plan.baseCommit;
  const gone = [planBase, run.baseCommit, run.commit].find((each) => commits.missing.includes(each));
  if (gone !== undefined) return unknown(`Commit ${gone} is gone.`);
  const { specHash, mayChange } = run.judgedUnder ?? {
    specHash: attempt.specHash,
    mayChange: task.mayChange,
  };
  const spec = archived.specs.get(specHash ?? '');
  if (specHash !== null && spec === undefined)
    return unknown(`The text of the spec with the hash ${specHash} is not recorded.`);
  if (spec !== undefined && createHash('sha256').update(spec.text).digest('hex') !== spec.hash)
    return { result: 'tampered', details: ['The text of its spec does not have its hash.'] };
  const order: JudgeOrder = {
    repositoryId: commits.repositoryId,
    specText: spec?.text ?? null,
    planBase,
    attemptBase: run.baseCommit,
    candidate: run.commit,
    mayChange,
    scope: attempt.profile?.constraints ?? null,
    signal: deps.signal,
  };
  return judgeAgain(deps, run.verdict as Verdict, order);
}

/** Checks as the verdict has them: its rules can be judged anew without running what a stranger wrote. */
function recordedChecks({ items, violations }: Verdict): JudgedItem[] {
  return items
    .filter(({ id, kind }) => kind === 'check' && !id.startsWith(CONTRACT_PREFIX))
    .map((result) => ({ result, violations: violations.filter(({ rule }) => rule === result.id) }));
}

async function judgeAgain(deps: JudgeRunsDeps, recorded: Verdict, order: JudgeOrder): Promise<Judged> {
  try {
    const own =
      deps.runChecks === null
        ? await gradeWith(deps.judge, order, async () => recordedChecks(recorded))
        : await deps.runChecks(order);
    const again = withContracts(own, recordedContracts(recorded));
    const details = verdictChanges(recorded, again);
    return { result: details.length === 0 ? 'reproduced' : 'changed', details };
  } catch (error) {
    deps.signal.throwIfAborted();
    return unknown(`It could not be judged: ${(error as Error).message}`);
  }
}
