import type { PlanView } from '#contracts/api/plans.js';
import type { RewindPreviewView } from '#contracts/api/rewind.js';
import type { TaskState } from '#domain/plan/state.js';
import type { RewindPreview } from '#engine/commands/rewind-plan.command.js';
import { fenceRef, lineageRef } from '#git/hub.js';
import { branchRef, shellQuoted } from '#git/names.js';

/** A preview as clients see it. */
export function rewindView(
  plan: PlanView,
  { rewind, hash, files, plan: state }: RewindPreview,
): RewindPreviewView {
  const { target, from, dropped, regained, reset, restored, kept, phases } = rewind;
  const task = ({ number, title, status }: TaskState) => ({ number, title, status });
  const landing = (each: { readonly commit: string; readonly task: number }) => ({
    commit: each.commit,
    task: each.task,
  });
  return {
    preview: hash,
    to: target.name,
    fromCommit: from,
    toCommit: target.commit,
    dropped: dropped.map(landing),
    regained: regained.map(landing),
    reset: reset.map(task),
    restored: restored.map((each) => task(each.task)),
    kept: kept.map((each) => task(each.task)),
    phases: phases.map(({ phase, to }) => ({
      position: phase.position,
      name: phase.name,
      from: phase.status,
      to,
    })),
    files: files.map(({ path, status, addedLines, removedLines }) => ({
      path,
      status,
      addedLines,
      removedLines,
    })),
    refs: [
      { ref: branchRef(plan.branch), from, to: target.commit },
      { ref: lineageRef(plan.id, state.epoch), from: null, to: from },
      { ref: fenceRef(plan.id), from: null, to: `rewound-${state.epoch}` },
    ],
    commands: byHand(plan, target.commit),
  };
}

/** The branch as it is published is kept under another name; then it moves, unless it did meanwhile. */
function byHand({ branch, publishedCommit: there, repository: { origin } }: PlanView, to: string): string[] {
  if (there === null || there === to) return [];
  const [name, aside] = [shellQuoted(branch), shellQuoted(`${branch}-before-rewind`)];
  if (origin.startsWith('/')) {
    const git = `git -C ${shellQuoted(origin)}`;
    return [`${git} branch ${aside} ${there}`, `${git} branch -f ${name} ${to}`];
  }
  const url = shellQuoted(origin);
  const ref = branchRef(branch);
  return [
    `git fetch ${url} ${shellQuoted(`${ref}:${ref}-before-rewind`)}`,
    `git push --force-with-lease=${shellQuoted(`${ref}:${there}`)} ${url} ${to}:${shellQuoted(ref)}`,
  ];
}
