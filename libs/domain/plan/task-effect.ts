import type { ExecutorKind, TaskEffect } from './state.js';

/** What of a task decides whether it fits its effect. */
export interface EffectInput {
  readonly effect: TaskEffect;
  readonly executorKind: ExecutorKind;
  /** Whether its command says if it wants a checkout. */
  readonly checkout: boolean;
  readonly hasSpec: boolean;
  readonly mayChange: readonly string[];
  readonly writes: readonly string[];
  readonly supersedes: readonly string[];
}

export interface EffectProblem {
  /** Within the task, as a plan file has it. */
  readonly path: readonly string[];
  readonly message: string;
}

/** Milestones and waits have nothing that could become a commit. */
export function impliedEffect(kind: ExecutorKind): TaskEffect {
  return kind === 'milestone' || kind === 'wait' ? 'none' : 'change';
}

/** Everything by which a task contradicts its effect. */
export function effectProblems(task: EffectInput): EffectProblem[] {
  const { effect, executorKind, hasSpec, mayChange, writes, supersedes } = task;
  if (effect === 'change') {
    const problems: EffectProblem[] = [];
    if (impliedEffect(executorKind) === 'none') {
      problems.push({ path: ['effect'], message: `must be none: a ${executorKind} changes nothing` });
    }
    if (task.checkout) {
      const message = 'is for tasks with effect none: what changes files always has a checkout';
      problems.push({ path: ['executor', 'checkout'], message });
    }
    return problems;
  }
  const why = 'the task has effect none';
  return [
    ...(executorKind === 'claude'
      ? [{ path: ['effect'], message: 'must be change: what claude does is the change of files' }]
      : []),
    ...(executorKind === 'patch'
      ? [{ path: ['effect'], message: 'must be change: a patch changes files' }]
      : []),
    ...(hasSpec
      ? [{ path: ['spec'], message: `cannot judge anything: ${why}, and a spec judges a tree` }]
      : []),
    ...(mayChange.length > 0 ? [{ path: ['mayChange'], message: `lets nothing be changed: ${why}` }] : []),
    ...(writes.length > 0 ? [{ path: ['writes'], message: `names nothing that is written: ${why}` }] : []),
    ...(supersedes.length > 0
      ? [{ path: ['supersedes'], message: `ends nothing: ${why}, so it can break nothing` }]
      : []),
  ];
}
