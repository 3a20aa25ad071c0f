import { readFileSync } from 'node:fs';
import path from 'node:path';
import { resolvePlanFile, type PlanProblem, type ResolvedPlan } from '#contracts/plan/resolve-plan.js';
import { CliError, EXIT } from './exit-codes.js';

/**
 * Reads and checks a plan file and the specs that it names, so that the API gets one whole document.
 *
 * @throws CliError with every problem as `file:line:column`
 */
export async function readPlanFile(file: string): Promise<unknown> {
  return resolvedPlanFile(file).document;
}

/** As `readPlanFile`, with all that is known of the plan. */
export function resolvedPlanFile(file: string): Extract<ResolvedPlan, { ok: true }> {
  const text = readText(file);
  if ('problem' in text)
    throw new CliError(EXIT.failed, `The plan file ${file} cannot be read: ${text.problem}`);
  const resolved = resolvePlanFile(text.text, (spec) => {
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

function readText(file: string): { readonly text: string } | { readonly problem: string } {
  try {
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
