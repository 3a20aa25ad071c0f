import type { PhaseView, PlanView, TaskView } from '#contracts/api/plans.js';

/** A person reads these: the first of many are enough. */
const SHOWN = 6;

/** The commands by which a person moves a plan on, or looks at what it made; none where it moves by itself. */
export function nextSteps(plan: PlanView): string[] {
  if (plan.status === 'ready')
    return [
      `planwright ${plan.phases.length === 0 ? `add-task ${plan.number} --title …` : `execute ${plan.number}`}`,
    ];
  if (plan.status === 'draft') return [`planwright generate --again ${plan.number} --watch`];
  if (plan.status === 'completed') return branchSteps(plan);
  if (plan.status !== 'running' && plan.status !== 'paused') return [];
  const all = plan.phases.flatMap((phase) => phase.tasks);
  const isFailed = ({ status }: TaskView): boolean => status === 'failed';
  const tasks = [...all.filter(isFailed), ...all.filter((task) => !isFailed(task))];
  const steps = [
    ...plan.phases.flatMap((phase) => phaseSteps(plan, phase)),
    ...tasks.flatMap((task) => taskSteps(plan, task)),
    ...pauseSteps(plan, tasks),
  ];
  return steps.length > SHOWN ? [...steps.slice(0, SHOWN), `… and ${steps.length - SHOWN} more`] : steps;
}

/** An origin that is no path here is looked at wherever it was cloned. */
function branchSteps({ number, baseBranch, branch, repository, publishedCommit }: PlanView): string[] {
  const where = repository.origin.startsWith('/') ? ` -C ${repository.origin}` : '';
  const look = `git${where} log --oneline ${baseBranch}..${branch}`;
  return publishedCommit === null ? [] : [look, `planwright finish ${number} --dry-run`];
}

function phaseSteps({ number }: PlanView, { status, position }: PhaseView): string[] {
  return status === 'awaiting_approval' ? [`planwright approve-phase ${number} --phase ${position}`] : [];
}

/** Those for one task. */
export function taskSteps({ number: plan }: Pick<PlanView, 'number'>, task: TaskView): string[] {
  const name = `${plan}.${task.number}`;
  switch (task.status) {
    case 'awaiting_approval':
      return [`planwright approve ${name}`];
    case 'awaiting_review':
      return [
        `planwright diff ${name}`,
        `planwright approve ${name}${task.review === null ? '' : ` --patch ${task.review.patchId}`}`,
      ];
    case 'awaiting_answer':
      return [`planwright answer ${name} …`];
    case 'claimed':
      return [task.effect === 'none' ? `planwright complete ${name} --note …` : `planwright submit ${name}`];
    case 'ready':
      return task.executorKind === 'external' ? [`planwright claim ${name}`] : [];
    case 'waiting':
      return task.waitsFor === null ? [] : [`planwright signal ${plan} ${task.waitsFor}`];
    case 'failed':
      return [`planwright retry ${name}`];
    default:
      return [];
  }
}

/** A failed task that is tried again resumes its plan; where only skips are in the way, resuming would pause again. */
function pauseSteps(plan: PlanView, tasks: readonly TaskView[]): string[] {
  const has = (status: TaskView['status']): boolean => tasks.some((task) => task.status === status);
  if (plan.status !== 'paused' || has('failed')) return [];
  if (plan.pauseReason !== 'task_failed' || !has('blocked')) return [`planwright resume ${plan.number}`];
  return tasks
    .filter(({ status }) => status === 'skipped')
    .map((task) => `planwright skip ${plan.number}.${task.number} --satisfies`);
}
