import type { PlanFile } from '#contracts/plan/plan-file.js';
import type { ResolvedPlan } from '#contracts/plan/resolve-plan.js';
import type { Draft, DraftTask } from '#domain/plan/draft.js';
import { defaultApproval } from '#domain/plan/phase.machine.js';
import { impliedEffect } from '#domain/plan/task-effect.js';
import { toExecutor } from '../executors.js';
import type { Ids } from '../ports/ids.port.js';

type Resolved = ResolvedPlan & { readonly ok: true };
type FileTask = PlanFile['phases'][number]['tasks'][number];

/**
 * The structure of a generated plan, in place of an empty one. Name, limits and what else a person chose stay.
 *
 * @param firstNumber free for the first task
 */
export function generatedDraft(
  before: Draft,
  { plan, graph, specs }: Resolved,
  { ids, firstNumber }: { readonly ids: Ids; readonly firstNumber: number },
): Draft {
  let number = firstNumber;
  const phases = plan.phases.map((phase, p) => ({
    id: ids.next(),
    name: phase.name,
    description: phase.description,
    mode: phase.mode,
    approval: phase.approval ?? defaultApproval(phase.mode),
    atEnd: phase.atEnd,
    concurrency: phase.concurrency ?? null,
    successCriteria: phase.successCriteria,
    tasks: phase.tasks.map((task, t): DraftTask => {
      const spec = specs[p]?.[t] ?? null;
      const key = graph[p]?.tasks[t]?.key ?? '';
      const maxAttempts = before.maxAttempts;
      return { ...toTask(task, spec), id: ids.next(), number: number++, key, maxAttempts };
    }),
  }));
  return { ...before, phases };
}

/** What of a task a model wrote: all of it, but for who carries it out. */
function toTask(
  task: FileTask,
  spec: Resolved['specs'][number][number],
): Omit<DraftTask, 'id' | 'number' | 'key' | 'maxAttempts'> {
  const executor = toExecutor(task.executor);
  const { title, prompt, mayChange, writes, supersedes, needs, dependsOn } = task;
  return {
    title,
    prompt,
    executor,
    writtenBy: 'model',
    effect: task.effect ?? impliedEffect(executor.kind),
    assignedTo: null,
    mayChange,
    writes,
    supersedes,
    needs,
    profile: null,
    spec: spec === null ? null : { yaml: spec.yaml, hash: spec.hash },
    dependsOn,
  };
}
