/** How a plan stood at any moment of its history, read from its events. */

/** One event of a plan, as it is stored. */
export interface PastEvent {
  readonly seq: number;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The events that a standing follows from: others need not be loaded. */
export const STANDING_EVENTS = [
  'task.integrated',
  'task.completed',
  'task.satisfied',
  'task.failed',
  'task.restarted',
  'phase.started',
  'phase.completed',
  'phase.skipped',
  'plan.rewound',
] as const;

/** What else a rewind is told by its target. */
export const TARGET_EVENTS = [
  'attempt.started',
  'task.submitted',
  'snapshot.created',
  'plan.rewinding',
] as const;

/** A commit of the plan branch: what a task made, on what was there before. */
export interface Landing {
  readonly task: number;
  readonly commit: string;
  readonly onto: string;
  readonly seq: number;
}

/** A task that is done. */
export interface DoneTask {
  readonly task: number;
  readonly to: 'completed' | 'satisfied';
  /** Null: it changed nothing. */
  readonly commit: string | null;
  readonly verified: boolean | null;
  readonly seq: number;
}

export interface Standing {
  readonly tip: string;
  /** By the number of the task. */
  readonly done: ReadonlyMap<number, DoneTask>;
  readonly failed: ReadonlySet<number>;
  /** Phases that had ended, as `phaseKey` names them. */
  readonly phases: ReadonlySet<string>;
}

/** What `plan.rewound` says of how things stand after it. */
export interface RewoundPayload {
  readonly to: string;
  readonly reset: readonly number[];
  readonly restored: readonly Omit<DoneTask, 'seq'>[];
  readonly phases: readonly { readonly phase: number; readonly name: string; readonly status: string }[];
}

/** A phase in events: its position, and its name, since an edit may have moved it. */
export function phaseKey(position: unknown, name: unknown): string {
  return `${String(position)} ${String(name)}`;
}

/**
 * @param events in order
 * @param seq the last event that counts
 * @param base the commit that the plan started from
 */
export function standingAt(events: readonly PastEvent[], seq: number, base: string): Standing {
  const standing = {
    tip: base,
    done: new Map<number, DoneTask>(),
    failed: new Set<number>(),
    phases: new Set<string>(),
  };
  for (const event of events) {
    if (event.seq > seq) break;
    step(standing, event);
  }
  return standing;
}

interface Open {
  tip: string;
  readonly done: Map<number, DoneTask>;
  readonly failed: Set<number>;
  readonly phases: Set<string>;
}

function step(standing: Open, { seq, type, payload }: PastEvent): void {
  const task = Number(payload['task']);
  switch (type) {
    case 'task.integrated':
      standing.tip = String(payload['commit']);
      break;
    case 'task.completed':
    case 'task.satisfied':
      standing.failed.delete(task);
      standing.done.set(task, {
        task,
        to: type === 'task.completed' ? 'completed' : 'satisfied',
        commit: (payload['commit'] as string | null | undefined) ?? null,
        verified: (payload['verified'] as boolean | null | undefined) ?? null,
        seq,
      });
      break;
    case 'task.failed':
      standing.failed.add(task);
      break;
    case 'task.restarted':
      standing.failed.delete(task);
      break;
    case 'phase.started':
      standing.phases.delete(phaseKey(payload['phase'], payload['name']));
      break;
    case 'phase.completed':
    case 'phase.skipped':
      standing.phases.add(phaseKey(payload['phase'], payload['name']));
      break;
    case 'plan.rewound':
      rewound(standing, seq, payload as unknown as RewoundPayload);
  }
}

function rewound(standing: Open, seq: number, { to, reset, restored, phases }: RewoundPayload): void {
  standing.tip = to;
  for (const task of reset) {
    standing.done.delete(task);
    standing.failed.delete(task);
  }
  for (const done of restored) {
    standing.failed.delete(done.task);
    standing.done.set(done.task, { ...done, seq });
  }
  for (const { phase, name, status } of phases) {
    if (status === 'completed') standing.phases.add(phaseKey(phase, name));
    else standing.phases.delete(phaseKey(phase, name));
  }
}

/** Every commit that a plan branch ever had, by its id. */
export function landingsOf(events: readonly PastEvent[]): ReadonlyMap<string, Landing> {
  return new Map(
    events.flatMap(({ seq, type, payload }): [string, Landing][] => {
      if (type !== 'task.integrated') return [];
      const { task, commit, onto } = payload as unknown as Omit<Landing, 'seq'>;
      return [[commit, { task, commit, onto, seq }]];
    }),
  );
}

/** The commits from the plan's base to a tip, oldest first. */
export function pathTo(landings: ReadonlyMap<string, Landing>, tip: string): Landing[] {
  const path: Landing[] = [];
  for (let at = landings.get(tip); at !== undefined; at = landings.get(at.onto)) path.push(at);
  return path.reverse();
}
