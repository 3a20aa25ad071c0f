import { addPhase, type Draft, type DraftTask } from '#domain/plan/draft.js';

/** Executors, and people, read the beginning. */
const MAX_HUNKS = 20_000;
const MAX_FILES = 200;

export interface Conflict {
  readonly target: string;
  /** The target's tip. */
  readonly commit: string;
  readonly files: readonly string[];
  readonly hunks: string;
  /** The published plan branch, and where from. */
  readonly branch: string;
  readonly origin: string;
  readonly planNumber: number;
}

/**
 * The plan with one more phase, in which somebody resolves a conflict. Whatever the target changed may be part of a
 * person's merge; another executor is given the conflicts alone, and leave to touch these files.
 *
 * @param executor as it is stored; null: a person
 */
export function withConflictTask(
  draft: Draft,
  conflict: Conflict,
  {
    phaseId,
    taskId,
    number,
    executor,
  }: { phaseId: string; taskId: string; number: number; executor: unknown },
): Draft {
  const task: DraftTask = {
    id: taskId,
    number,
    key: `bring-up-to-date-${number}`,
    title: `Resolve conflicts with ${conflict.target}`,
    prompt: promptOf(conflict, number, executor === null),
    executor: executor ?? { kind: 'external' },
    writtenBy: 'person',
    effect: 'change',
    assignedTo: null,
    mayChange: executor === null ? ['**'] : conflict.files.slice(0, MAX_FILES).map(literalGlob),
    writes: [],
    supersedes: [],
    needs: [],
    profile: null,
    maxAttempts: draft.maxAttempts,
    spec: null,
    dependsOn: [],
  };
  return addPhase(draft, {
    id: phaseId,
    name: `Bring up to date with ${conflict.target}`,
    description: '',
    mode: 'sequential',
    approval: 'none',
    atEnd: 'continue',
    concurrency: null,
    successCriteria: [],
    tasks: [task],
  });
}

function promptOf(
  { target, commit, files, hunks, branch, origin, planNumber }: Conflict,
  number: number,
  byHand: boolean,
) {
  const shown = files.slice(0, MAX_FILES).map((file) => `- ${file}`);
  const more = files.length > MAX_FILES ? [`- and ${files.length - MAX_FILES} more`] : [];
  const own = [
    `The branch of this plan does not merge with ${target} (${commit}). Give each of these files the content that it is to have`,
    `once both are merged: it must hold what either side meant. Everything else is merged by itself afterwards.`,
  ];
  const person = [
    '',
    'In a clone:',
    '',
    `    git fetch ${origin} ${branch} && git switch --detach FETCH_HEAD`,
    `    git fetch ${origin} ${target} && git merge ${commit}`,
    `    # resolve, git add, git commit`,
    `    planwright submit ${planNumber}.${number}`,
  ];
  return [
    ...own,
    '',
    ...shown,
    ...more,
    ...(byHand ? person : []),
    '',
    'The conflicts:',
    '',
    hunks.length <= MAX_HUNKS ? hunks : `${hunks.slice(0, MAX_HUNKS)}\n[cut]`,
  ].join('\n');
}

function literalGlob(path: string): string {
  return path.replace(/[\\*?{}[\]!]/g, (mark) => `\\${mark}`);
}
