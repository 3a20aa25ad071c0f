import path from 'node:path';
import { resolvePlanFile, type PlanProblem, type ResolvedPlan } from '#contracts/plan/resolve-plan.js';
import { CliError, EXIT } from './exit-codes.js';
import { readPlanText, readText } from './plan-text.js';

/**
 * Reads and checks a plan file and the specs that it names, so that the API gets one whole document.
 *
 * @throws CliError with every problem as `file:line:column`
 */
export function readPlanFile(file: string): unknown {
  return resolvedPlanFile(file).document;
}

/** As `readPlanFile`, with all that is known of the plan. */
export function resolvedPlanFile(file: string): Extract<ResolvedPlan, { ok: true }> {
  return resolvedPlanText(file, readPlanText(file));
}

/** As `resolvedPlanFile` for the text of the file. */
export function resolvedPlanText(file: string, text: string): Extract<ResolvedPlan, { ok: true }> {
  const resolved = resolvePlanFile(text, (spec) => {
    const read = readText(path.resolve(path.dirname(file), spec));
    return 'text' in read ? read : { problem: `${spec} cannot be read: ${read.problem}` };
  });
  if (!resolved.ok) throw refusal(file, resolved.problems);
  return resolved;
}

function refusal(file: string, problems: readonly PlanProblem[]): CliError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const lines = problems.map((problem) => {
    const at = problem.file === undefined ? file : path.join(path.dirname(file), problem.file);
    const place = problem.line === undefined ? at : `${at}:${problem.line}:${problem.column ?? 1}`;
    return `  ${place} ${problem.path === '' ? '' : `${problem.path}: `}${problem.message}`;
  });
  return new CliError(EXIT.failed, `The plan has ${count}; nothing was created.\n${lines.join('\n')}`);
}
