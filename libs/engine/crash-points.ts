/**
 * Places where the death of the process would hurt most: right before or after an effect that the database does not
 * share. Each is named for the tests that kill or block a process there.
 */
export const CRASH_POINTS = [
  /** Effects are committed; none of their deliveries is made. */
  'committed',
  /** A delivery is on the queue; the outbox still holds it. */
  'delivered',
  /** An attempt is claimed; nothing of it was done. */
  'attempt.claimed',
  /** The workspace is checked out and set up; nobody has worked in it. */
  'workspace.prepared',
  /** The executor is done; its work is in the workspace only. */
  'attempt.executed',
  /** The candidate is in the hub; nobody has recorded it. */
  'candidate.pushed',
  /** A task without a change has run; its result is not recorded. */
  'step.executed',
  /** Steps are recorded and the next ones claimed with them; nothing of these was done. */
  'step.recorded',
  /** A verification run is claimed. */
  'run.claimed',
  /** The verdict is known to the verifier alone. */
  'run.graded',
  /** The lane is taken. */
  'lane.claimed',
  /** The rebased commit is in the hub; its verification is not asked for. */
  'rebase.pushed',
  /** The rebased commit is in the hub; the person who has to look at it again is not asked. */
  'review.pushed',
  /** The intent is recorded; nothing is pushed. */
  'intent.recorded',
  /** The plan branch has moved; nobody has recorded it. */
  'branch.pushed',
  /** The fence of a cancelled plan has moved; the plan is not ended. */
  'cancel.fenced',
  /** The archive is in the hub; nobody has recorded it. */
  'archive.stored',
  /** The plan branch is back where it was; the rows of the plan are not. */
  'rewind.pushed',
  /** The origin has the plan branch; nobody has recorded it. */
  'published',
  /** The target branch, or the forge, has what is delivered; nobody has recorded it. */
  'delivery.pushed',
  /** What a person handed in is in the hub; nobody has recorded it. */
  'submission.pushed',
  /** A signal is stored; who waits for it does not go on yet. */
  'signal.recorded',
  /** An answer of a model is stored with its iteration; nothing follows from it yet. */
  'generation.answered',
  /** A person was told; the outbox still holds the notice. */
  'notice.sent',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Called at each crash point; in production it does nothing. */
export type Reach = (point: CrashPoint) => void;
