import type { ActiveAssignment } from '#domain/assignments/assignment.machine.js';
import type { WorkItemDecision, WorkItemState } from '#domain/assignments/work-item.js';

/** Whose the tasks of a locked plan are. */
export interface AssignmentTx {
  /** The assignment of the task that is not over; null: it is nobody's. */
  activeAssignment(taskId: string): Promise<ActiveAssignment | null>;
}

export interface NewWorkItem {
  readonly id: string;
  readonly repositoryId: string;
  readonly title: string;
  readonly description: string;
  readonly actorId: string;
}

/** Work that is no task of a plan. */
export interface WorkItemStore {
  create(item: NewWorkItem): Promise<void>;
  /** Decides with the row locked, and writes in the name of the actor. @returns false when there is none */
  change(id: string, actorId: string, decide: (item: WorkItemState) => WorkItemDecision): Promise<boolean>;
}
