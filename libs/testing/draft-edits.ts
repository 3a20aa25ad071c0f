import fc from 'fast-check';
import { v7 as uuid } from 'uuid';
import * as drafts from '#domain/plan/draft.js';
import type { Draft, DraftTask } from '#domain/plan/draft.js';
import { PHASE_MODES } from '#domain/plan/phase.machine.js';

/** One edit of any plan; what its picks mean depends on the plan. */
export const anyEdit = fc.record({
  kind: fc.constantFrom('addPhase', 'updatePhase', 'deletePhase', 'addTask', 'updateTask', 'deleteTask'),
  picks: fc.array(fc.nat(50), { minLength: 6, maxLength: 6 }),
  moves: fc.boolean(),
});
export type AnyEdit = typeof anyEdit extends fc.Arbitrary<infer E> ? E : never;

/** @throws DomainError where the draft itself refuses it */
export function applyEdit({ kind, picks, moves }: AnyEdit, draft: Draft, number: number): Draft {
  const [phasePick = 0, taskPick = 0, place = 0, mode = 0, home = 0, other = 0] = picks;
  const tasks = draft.phases.flatMap((phase) => phase.tasks);
  const phase = draft.phases[phasePick % (draft.phases.length || 1)];
  const task = tasks[taskPick % (tasks.length || 1)];
  const position = moves ? (place % 4) + 1 : undefined;
  const fields = { mode: PHASE_MODES[mode % 3] ?? 'parallel', name: `Phase ${mode}` };
  const dependsOn = moves ? [] : tasks.slice(other % (tasks.length || 1)).map(({ key }) => key);
  switch (kind) {
    case 'addPhase':
      return drafts.addPhase(
        draft,
        {
          ...fields,
          id: uuid(),
          description: '',
          approval: 'none',
          atEnd: 'continue',
          concurrency: null,
          successCriteria: [],
          tasks: [],
        },
        position,
      );
    case 'updatePhase':
      return drafts.updatePhase(draft, phase?.id ?? uuid(), fields, position);
    case 'deletePhase':
      return drafts.deletePhase(draft, phase?.id ?? uuid());
    case 'addTask':
      return drafts.addTask(draft, phase?.id ?? uuid(), aDraftTask(number, dependsOn.slice(0, 2)), position);
    case 'updateTask': {
      const phaseId = moves ? draft.phases[home % draft.phases.length]?.id : undefined;
      const spec = mode % 2 === 0 ? null : { yaml: `version: ${mode}\n`, hash: `${mode}` };
      const work = place % 3 === 0 ? (WORK[mode % WORK.length] ?? WORK[0]) : {};
      const judged = 'effect' in work && work.effect === 'none' ? null : spec;
      const changes = {
        key: `key-${number}-${mode}`,
        spec: judged,
        dependsOn: dependsOn.slice(0, 2),
        ...work,
      };
      return drafts.updateTask(draft, task?.id ?? uuid(), changes, { phaseId, position });
    }
    default:
      return drafts.deleteTask(draft, task?.id ?? uuid());
  }
}

const COMMAND = { kind: 'command', command: 'true', timeoutSeconds: 60 };
const WAIT = { kind: 'wait', seconds: null, until: null, event: 'go', timeoutSeconds: null };
const WORK = [
  { executor: COMMAND, effect: 'none' },
  { executor: { kind: 'external' }, effect: 'change' },
  { executor: COMMAND, effect: 'change' },
  { executor: WAIT, effect: 'none' },
] as const;

function aDraftTask(number: number, dependsOn: readonly string[]): DraftTask {
  return {
    id: uuid(),
    number,
    key: `task-${number}`,
    title: `Task ${number}`,
    prompt: '',
    writtenBy: 'person',
    ...(WORK[number % WORK.length] ?? WORK[0]),
    assignedTo: null,
    mayChange: [],
    writes: [],
    supersedes: [],
    needs: [],
    profile: null,
    maxAttempts: 3,
    spec: null,
    dependsOn,
  };
}
