import { DomainError } from '../domain-error.js';
import type { ActiveAssignment } from './assignment.machine.js';

/**
 * Why work cannot be begun, paused or gone on with where it is.
 *
 * @param work what commands name it by: `12.3` or `w4`
 */
export function refusedStep(
  work: string,
  { assignee, status }: ActiveAssignment,
  step: 'start' | 'pause' | 'resume',
): DomainError {
  const remedy =
    status === 'paused'
      ? `Go on with it: planwright resume-work ${work}`
      : `planwright assignments ${work} shows where it is; planwright pause-work ${work} pauses it.`;
  const message = `The work of ${assignee.name} on ${work} is ${status}; it cannot ${step}.`;
  return new DomainError('conflict', message, { remedy });
}
