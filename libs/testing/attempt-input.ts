import type { AttemptInput } from '#engine/ports/agent.port.js';

/** What a first attempt is given, of a task that says nothing. */
export const BARE_INPUT: AttemptInput = {
  plan: { number: 1, name: 'Plan' },
  task: { number: 1, title: 'Task', prompt: '' },
  spec: null,
  attempt: 1,
  note: null,
  violations: [],
  rejectedDiff: '',
};
