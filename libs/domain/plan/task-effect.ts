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
  /** The profile that it names; null: none. */
  readonly profile: string | null;
  /** Capabilities. */
  readonly needs: readonly string[];
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
  return [...profileProblems(task), ...problemsOf(task)];
}

/** A profile governs what changes the repository, and who works under none says who works. */
function profileProblems({ effect, executorKind, profile, needs }: EffectInput): EffectProblem[] {
  if (executorKind === 'profile' && profile === null && needs.length === 0) {
    const message = 'must say who does it, or the task names a profile, or what it needs';
    return [{ path: ['executor'], message }];
  }
  if (profile === null || (effect === 'change' && executorKind !== 'external')) return [];
  const message = 'is for what a worker changes: nobody is kept to it here';
  return [{ path: ['profile'], message }];
}

function problemsOf(task: EffectInput): EffectProblem[] {
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
    ...(executorKind === 'claude' || executorKind === 'profile'
      ? [{ path: ['effect'], message: `must be change: what a ${executorKind} does is the change of files` }]
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
