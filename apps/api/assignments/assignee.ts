import type { Assignee } from '#domain/assignments/assignment.machine.js';

/** A person, unless a request says otherwise. */
export function toAssignee(name: string, kind: Assignee['kind'] | undefined): Assignee;
export function toAssignee(name: string | null, kind: Assignee['kind'] | undefined): Assignee | null;
export function toAssignee(name: string | null, kind: Assignee['kind'] = 'user'): Assignee | null {
  return name === null ? null : { name, kind };
}
