import { z } from 'zod';
import type { Problem } from '#domain/domain-error.js';
import { pathText, type PathSegment } from '../problems.js';
import type { PlanPositions } from './plan-positions.js';

/** Gives the text of the file of a spec or a patch, or says why there is none. The path is as the plan file has it. */
export type ReadFile = (path: string) => { readonly text: string } | { readonly problem: string };

const withPatch = z.object({ executor: z.object({ patch: z.string().min(1) }) });

/**
 * A plan whose patches are text: those of one line are the paths of their files.
 *
 * @returns the plan as it was written otherwise, and what could not be read
 */
export function withPatches(
  value: unknown,
  readFile: ReadFile,
  positions: PlanPositions | null,
): { readonly value: unknown; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const inTask = (task: unknown, path: readonly PathSegment[]): unknown => {
    const { data } = withPatch.safeParse(task);
    if (data === undefined || data.executor.patch.trim().includes('\n')) return task;
    const read = readFile(data.executor.patch.trim());
    const at = [...path, 'executor', 'patch'];
    if ('problem' in read) {
      problems.push({ path: pathText(at), message: read.problem, ...positions?.locate(at) });
      return task;
    }
    const whole = task as { readonly executor: object };
    return { ...whole, executor: { ...whole.executor, patch: read.text } };
  };
  const inPhase = (phase: unknown, path: readonly PathSegment[]): unknown =>
    inList(phase, 'tasks', (task, t) => inTask(task, [...path, 'tasks', t]));
  const resolved = inList(value, 'phases', (phase, p) => inPhase(phase, ['phases', p]));
  return { value: resolved, problems };
}

/** The same object with each item of one of its lists replaced; what has no such list stays. */
function inList(owner: unknown, key: string, replace: (item: unknown, index: number) => unknown): unknown {
  if (typeof owner !== 'object' || owner === null) return owner;
  const list: unknown = (owner as Readonly<Record<string, unknown>>)[key];
  return Array.isArray(list) ? { ...owner, [key]: list.map(replace) } : owner;
}
