import type { PlanFileInput, SetupFile } from '#contracts/plan/plan-file.js';
import type { DraftPhase, DraftTask } from '#domain/plan/draft.js';
import { defaultApproval } from '#domain/plan/phase.machine.js';
import { impliedEffect } from '#domain/plan/task-effect.js';
import { writtenExecutor } from '#engine/executors.js';
import type { ExecutorConfig } from '#engine/ports/agent.port.js';
import { loadDraft } from '../load-draft.js';
import type { Sql } from '../sql.js';

/** A plan as a file value that creates the same plan again: everything a person wrote, nothing that happened. */
export class PlanExporter {
  constructor(private readonly sql: Sql) {}

  /** @returns null when there is no such plan */
  async export(planId: string): Promise<PlanFileInput | null> {
    return this.sql.transaction(async (tx) => {
      const [plan] = await tx.rows<{ baseBranch: string }>(
        'SELECT base_branch AS "baseBranch" FROM plans WHERE id = $1',
        [planId],
      );
      if (plan === undefined) return null;
      const { draft } = await loadDraft(tx, planId);
      const { name, description, metadata, target, concurrency, maxAttempts, priority, autoCommit, budget } =
        draft;
      const setup = draft.setup as SetupFile | null;
      return {
        name,
        ...(description === '' ? {} : { description }),
        ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
        base: plan.baseBranch,
        target,
        concurrency,
        maxAttempts,
        ...(priority === 0 ? {} : { priority }),
        ...(autoCommit ? {} : { autoCommit }),
        ...(budget === null ? {} : { budget: { ...budget } }),
        ...(setup === null ? {} : { setup: { ...setup, timeout: `${setup.timeout}s` } }),
        phases: draft.phases.map(phaseOf),
      };
    });
  }
}

function phaseOf(phase: DraftPhase): PlanFileInput['phases'][number] {
  const { name, description, mode, approval, atEnd, concurrency, successCriteria } = phase;
  return {
    name,
    ...(description === '' ? {} : { description }),
    mode,
    ...(approval === defaultApproval(mode) ? {} : { approval }),
    ...(atEnd === 'continue' ? {} : { atEnd }),
    ...(concurrency === null ? {} : { concurrency }),
    ...given('successCriteria', successCriteria),
    tasks: phase.tasks.map(taskOf),
  };
}

function taskOf(task: DraftTask): PlanFileInput['phases'][number]['tasks'][number] {
  const executor = task.executor as ExecutorConfig;
  return {
    key: task.key,
    title: task.title,
    ...(task.prompt === '' ? {} : { prompt: task.prompt }),
    ...given('dependsOn', task.dependsOn),
    executor: writtenExecutor(executor),
    ...(task.effect === impliedEffect(executor.kind) ? {} : { effect: task.effect }),
    ...(task.assignedTo === null ? {} : { assignedTo: task.assignedTo }),
    ...given('mayChange', task.mayChange),
    ...given('writes', task.writes),
    ...given('supersedes', task.supersedes),
    ...given('needs', task.needs),
    ...(task.profile === null ? {} : { profile: task.profile }),
    maxAttempts: task.maxAttempts,
    ...(task.spec === null ? {} : { spec: asText(task.spec.yaml) }),
  };
}

/** A list that is empty is left out: that is what its absence means. */
function given<K extends string>(key: K, list: readonly string[]): { [P in K]?: string[] } {
  return list.length === 0 ? {} : ({ [key]: [...list] } as { [P in K]?: string[] });
}

/** In a file, one line is the path of a spec. */
function asText(yaml: string): string {
  return yaml.includes('\n') ? yaml : `${yaml}\n`;
}
