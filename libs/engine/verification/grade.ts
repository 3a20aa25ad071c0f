import type { JudgedItem } from '#domain/spec/check-standing.js';
import { blocks, evaluate, judgeChecks, judgeRules } from '#domain/spec/evaluate.js';
import type { CommitFacts } from '#domain/spec/facts.js';
import { protectedPathViolations, type TouchedFile } from '#domain/spec/protected-paths.js';
import type { WriteLimits } from '#domain/profile/profile.js';
import { scopeViolations } from '#domain/profile/scope.js';
import { NO_SPEC, type Spec } from '#domain/spec/spec.js';
import type { Verdict, Violation } from '#domain/spec/verdict.js';
import type { ChecksPort } from '../ports/checks.port.js';
import type { FactsPort } from '../ports/facts.port.js';
import type { BlobSource, FileDiff, GitPort } from '../ports/git.port.js';
import type { LedgerPort } from '../ports/ledger.port.js';
import type { WorkspaceSetup } from '../ports/setup.port.js';
import type { Workspaces } from '../workspaces.js';
import { findBuiltInViolations } from './built-in-violations.js';
import { CommitFiles } from './commit-files.js';
import { readSpec } from './read-spec.js';
import { runChecks, type KnownBefore } from './run-checks.js';

export interface GradeDeps {
  readonly git: Pick<GitPort, 'diff' | 'blobs' | 'treeOf'>;
  readonly workspaces: Pick<Workspaces, 'open'>;
  readonly facts: FactsPort;
  readonly checks: ChecksPort;
  /** Absent: nothing is known of earlier runs, and nothing is remembered. */
  readonly ledger?: LedgerPort;
}

export interface GradeOrder {
  readonly repositoryId: string;
  /** null: the task has no spec; the caller marks it unverified. */
  readonly specText: string | null;
  readonly planBase: string;
  /** The plan's tip when the attempt was claimed. */
  readonly attemptBase: string;
  readonly candidate: string;
  /** Globs of protected paths that the task may touch. */
  readonly mayChange: readonly string[];
  /** What its profile lets it write; null or absent: it is under none. */
  readonly scope?: WriteLimits | null;
  /** How checkouts are prepared for checks. */
  readonly setup: WorkspaceSetup | null;
  readonly signal: AbortSignal;
}

/**
 * Judges one candidate commit by its spec. The graded tree is the candidate's, byte for byte. Rejects with the
 * signal's reason when aborted; any other rejection means that the run could not be carried out.
 */
export function grade(deps: GradeDeps, order: GradeOrder): Promise<Verdict> {
  return gradeWith(deps, order, async (spec, known) =>
    judgeChecks(spec, await runChecks(deps, order, spec, known), known.unchanged),
  );
}

/** What judging needs without running anything of the candidate's. */
export interface JudgeDeps {
  readonly git: Pick<GitPort, 'diff' | 'blobs'>;
  readonly facts: FactsPort;
}
export type JudgeOrder = Omit<GradeOrder, 'setup'>;

/** As `grade`, with what is known of the checks from elsewhere. */
export async function gradeWith(
  deps: JudgeDeps,
  order: JudgeOrder,
  checksOf: (spec: Spec, known: KnownBefore) => Promise<readonly JudgedItem[]>,
): Promise<Verdict> {
  if (order.specText === null) return gradeWithoutSpec(deps, order);
  const parsed = readSpec(order.specText);
  if (!parsed.ok) return refused(parsed.errors[0]);
  const { spec } = parsed;
  const { repositoryId, attemptBase, candidate, signal } = order;
  signal.throwIfAborted();

  const diff =
    attemptBase === candidate ? [] : await deps.git.diff({ repositoryId, from: attemptBase, to: candidate });
  const source = deps.git.blobs(repositoryId);
  const builtInViolations = await findBuiltIn(source, spec, diff, order);
  signal.throwIfAborted();
  const facts = await collectFacts(deps.facts, source, spec, diff, order);
  const inputs = {
    spec,
    ...facts,
    builtInViolations,
    changedFiles: diff,
    candidateUnchanged: diff.length === 0,
  };
  const rules = judgeRules(inputs);
  // A guard needs no turn, and where the task fails anyway nobody asks for one.
  const fails = [...builtInViolations, ...rules.flatMap((rule) => rule.violations)].some((violation) =>
    blocks(violation.severity, spec.pass.failAt),
  );
  const checks = await checksOf(spec, {
    unchanged: inputs.candidateUnchanged,
    turned: spec.guard || fails || rules.some((rule) => rule.result.turned),
  });
  return evaluate({ ...inputs, checks }, rules);
}

/** Nothing to prove, but what no task may touch without leave stays untouched. */
async function gradeWithoutSpec(deps: JudgeDeps, order: JudgeOrder): Promise<Verdict> {
  const { repositoryId, attemptBase: from, candidate: to } = order;
  const diff = from === to ? [] : await deps.git.diff({ repositoryId, from, to });
  const violations = await findBuiltIn(deps.git.blobs(repositoryId), NO_SPEC, diff, order);
  if (violations.length === 0)
    return {
      outcome: 'pass',
      summary: "no spec: the executor's word",
      violations,
      items: [],
      blocking: violations.length,
    };
  return {
    outcome: 'fail',
    summary: `Red on the candidate: ${[...new Set(violations.map(({ rule }) => rule))].join(', ')}.`,
    violations,
    items: [],
    blocking: violations.length,
  };
}

function refused(error: { message: string; line: number; column: number } | undefined): Verdict {
  const place = error === undefined ? '' : ` line ${error.line}, column ${error.column}: ${error.message}`;
  return {
    outcome: 'inconclusive',
    summary: `The spec cannot be read:${place}`,
    violations: [],
    items: [],
    blocking: 0,
  };
}

async function collectFacts(
  facts: FactsPort,
  source: BlobSource,
  spec: Spec,
  diff: readonly FileDiff[],
  order: JudgeOrder,
): Promise<{ candidate: CommitFacts; attemptBase: CommitFacts; planBase: CommitFacts }> {
  const alsoRead = diff.flatMap((file) =>
    file.oldPath === undefined ? [file.path] : [file.path, file.oldPath],
  );
  const byCommit = new Map<string, CommitFacts>();
  // One after the other: what the commits share is then extracted once.
  for (const commit of [order.attemptBase, order.planBase, order.candidate]) {
    if (byCommit.has(commit)) continue;
    byCommit.set(commit, await facts.collect({ source, commit, spec, alsoRead }));
    order.signal.throwIfAborted();
  }
  const of = (commit: string) => byCommit.get(commit) as CommitFacts;
  return { candidate: of(order.candidate), attemptBase: of(order.attemptBase), planBase: of(order.planBase) };
}

async function findBuiltIn(
  source: BlobSource,
  spec: Spec,
  diff: readonly FileDiff[],
  order: JudgeOrder,
): Promise<Violation[]> {
  if (diff.length === 0) return [];
  const { attemptBase, candidate, mayChange, scope = null } = order;
  const before = await CommitFiles.of(source, attemptBase);
  const after = await CommitFiles.of(source, candidate);
  const files = await Promise.all(
    diff.map(async (file): Promise<TouchedFile> => {
      const { path, oldPath, status } = file;
      const touched = { path, status, ...(oldPath !== undefined && { oldPath }) };
      if (!isPackageJson(path) && !isPackageJson(oldPath ?? '')) return touched;
      const packageJson = {
        before: await packageJsonText(before, oldPath ?? path),
        after: await packageJsonText(after, path),
      };
      return { ...touched, packageJson };
    }),
  );
  const basePackageJson = spec.checks.length === 0 ? null : await before.text('package.json');
  return [
    ...protectedPathViolations({ spec, files, mayChange, basePackageJson }),
    ...(await findBuiltInViolations({ before, after, spec, diff, mayChange, basePackageJson })),
    ...(scope === null ? [] : scopeViolations(scope, diff)),
  ];
}

function isPackageJson(path: string): boolean {
  return path === 'package.json' || path.endsWith('/package.json');
}

/** Any other path, and a missing one, is null. */
async function packageJsonText(files: CommitFiles, path: string): Promise<string | null> {
  return isPackageJson(path) ? await files.text(path) : null;
}
