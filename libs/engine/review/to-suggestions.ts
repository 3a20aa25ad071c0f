import { updateTaskRequest } from '#contracts/api/plan-tasks.js';
import { taskFileSchema } from '#contracts/plan/plan-file.js';
import { issuesToProblems } from '#contracts/problems.js';
import { applySuggestions } from '#domain/iteration/apply-suggestions.js';
import { phaseBefore, placeOf } from '#domain/iteration/staleness.js';
import type { Change, SuggestedTask, Suggestion } from '#domain/iteration/suggestion.js';
import { DomainError } from '#domain/domain-error.js';
import type { Draft, PhaseFields, TaskFields } from '#domain/plan/draft.js';
import { defaultApproval } from '#domain/plan/phase.machine.js';
import { taskFields } from '../commands/task-fields.js';
import { writtenExecutor } from '../executors.js';
import type { TaskAnswer } from '../model/task-answer.js';
import type { ExecutorConfig } from '../ports/agent.port.js';
import type { ReviewRequest } from './review-request.js';
import type { SuggestionAnswer } from './review-answer.js';
import { outOfScope, phaseIn, phaseNumbered, taskIn } from './targets.js';

/** What could be made of a model's answer. */
export interface ReadAnswer {
  readonly suggestions: readonly Suggestion[];
  /** What it suggested and could not be done, each with why. */
  readonly unusable: readonly { readonly operation: string; readonly reason: string; readonly why: string }[];
}

/**
 * Suggestions about a plan as it is now, each with what it is to change as the reviewer saw it. They are tried one after
 * the other: what could not be applied today is not offered.
 *
 * @param check throws a DomainError where a plan may not become what it is given
 */
export function toSuggestions(
  draft: Draft,
  request: ReviewRequest,
  answers: readonly SuggestionAnswer[],
  check: (after: Draft) => void,
): ReadAnswer {
  const suggestions: Suggestion[] = [];
  const unusable: { operation: string; reason: string; why: string }[] = [];
  const fresh = freshFor(draft);
  let tried = draft;
  for (const answer of inOrder(answers)) {
    const { operation, reason } = answer;
    const leave = (why: string) => unusable.push({ operation, reason, why });
    try {
      const suggestion = { change: changeOf(draft, request, answer), reason };
      const { draft: next, refused } = applySuggestions(tried, [{ index: 0, suggestion }], fresh, check);
      tried = next;
      if (refused[0] === undefined) suggestions.push(suggestion);
      else leave(refused[0].reason);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      leave([error.message, ...error.problems.map(({ path, message }) => `${path}: ${message}`)].join(' '));
    }
  }
  return { suggestions, unusable };
}

/** Of phases behind the same one, the last is added first: so they end in the order in which they were named. */
function inOrder(answers: readonly SuggestionAnswer[]): SuggestionAnswer[] {
  const places = answers.flatMap((answer, at) => (answer.operation === 'add_phase' ? [at] : []));
  const turned = places.map((at) => answers[at]).reverse();
  return answers.map((answer) => (answer.operation === 'add_phase' ? (turned.shift() ?? answer) : answer));
}

function freshFor(draft: Draft) {
  let next = Math.max(0, ...draft.phases.flatMap(({ tasks }) => tasks.map(({ number }) => number)));
  return { id: () => `new-${(next += 1)}`, number: () => (next += 1) };
}

function changeOf(draft: Draft, request: ReviewRequest, answer: SuggestionAnswer): Change {
  const { operation } = answer;
  switch (operation) {
    case 'update_task': {
      const task = taskIn(draft, request, answer.task);
      const { title, prompt, dependsOn, writes, spec } = answer;
      const after = updatedFields(draft, { title, prompt, dependsOn, writes, spec });
      return { operation, taskId: task.id, before: pick(task, after), after };
    }
    case 'remove_task': {
      const task = taskIn(draft, request, answer.task);
      return { operation, taskId: task.id, before: task };
    }
    case 'split_task': {
      const task = taskIn(draft, request, answer.task);
      const into = answer.into.map((part) => newTask(draft, part, task.executor as ExecutorConfig));
      return { operation, taskId: task.id, before: task, into };
    }
    case 'move_task': {
      const { id: taskId } = taskIn(draft, request, answer.task);
      const after = { phaseId: phaseIn(draft, request, answer.phase).id, after: answer.after };
      return { operation, taskId, before: placeOf(draft, taskId) ?? after, after };
    }
    case 'add_task': {
      const place = { phaseId: phaseIn(draft, request, answer.phase).id, after: answer.after };
      return { operation, place, task: newTask(draft, answer.task, executorFor(draft, request)) };
    }
    default:
      return phaseChangeOf(draft, request, answer);
  }
}

type PhaseAnswerOf = Extract<SuggestionAnswer, { readonly operation: `${string}_phase` }>;

function phaseChangeOf(draft: Draft, request: ReviewRequest, answer: PhaseAnswerOf): Change {
  const { operation } = answer;
  if (operation === 'add_phase') {
    if (request.scope !== 'plan') throw outOfScope(request);
    const { tasks, ...fields } = answer.phase;
    const executor = executorFor(draft, request);
    const phase = {
      ...fields,
      approval: defaultApproval(fields.mode),
      atEnd: 'continue',
      concurrency: null,
      tasks: tasks.map((task) => newTask(draft, task, executor)),
    } as const;
    return {
      operation,
      afterPhaseId: answer.after === 0 ? null : phaseNumbered(draft, answer.after).id,
      phase,
    };
  }
  const phase = phaseIn(draft, request, answer.phase);
  switch (operation) {
    case 'update_phase': {
      const { name, description, mode, successCriteria } = answer;
      const approval = mode === null || mode === phase.mode ? null : defaultApproval(mode);
      const after: PhaseFields = given({ name, description, mode, successCriteria, approval });
      if (Object.keys(after).length === 0) throw new DomainError('invalid', 'It changes nothing.');
      return { operation, phaseId: phase.id, before: pick(phase, after), after };
    }
    case 'remove_phase':
      return { operation, phaseId: phase.id, before: phase };
    case 'move_phase': {
      if (request.scope !== 'plan') throw outOfScope(request);
      const after = answer.after === 0 ? null : phaseNumbered(draft, answer.after).id;
      return { operation, phaseId: phase.id, before: phaseBefore(draft, phase.id), after };
    }
  }
}

/** The members that say something: null means that it stays. */
function given<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], null> } {
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members) as { [K in keyof T]?: Exclude<T[K], null> };
}

function pick<T extends object>(from: T, like: object): Partial<T> {
  return Object.fromEntries(Object.entries(from).filter(([field]) => field in like)) as Partial<T>;
}

/** As an edit of a person would be read. @throws DomainError `invalid` */
function updatedFields(draft: Draft, changes: object): TaskFields {
  const parsed = updateTaskRequest.safeParse(given(changes));
  if (!parsed.success) throw invalid(parsed.error.issues);
  return taskFields(draft, parsed.data);
}

/** Who carries it out is not the model's to say. @throws DomainError `invalid` */
function newTask(draft: Draft, { spec, ...task }: TaskAnswer, executor: ExecutorConfig): SuggestedTask {
  const written = { ...task, executor: writtenExecutor(executor), ...given({ spec }) };
  const parsed = taskFileSchema.safeParse(written);
  if (!parsed.success) throw invalid(parsed.error.issues);
  const { title, prompt, dependsOn, writes, mayChange, needs } = parsed.data;
  return {
    effect: 'change',
    assignedTo: null,
    supersedes: [],
    maxAttempts: draft.maxAttempts,
    spec: null,
    ...taskFields(draft, parsed.data),
    key: task.key,
    title,
    prompt,
    dependsOn,
    writes,
    mayChange,
    needs,
    profile: null,
    executor,
    writtenBy: 'model',
  };
}

/** What the request says; else who carries out the first task that an agent or a person does; else a person. */
function executorFor(draft: Draft, { executor }: ReviewRequest): ExecutorConfig {
  if (executor !== null) return executor as unknown as ExecutorConfig;
  const others = draft.phases.flatMap(({ tasks }) => tasks.map((task) => task.executor as ExecutorConfig));
  return others.find(({ kind }) => !WORKS_BY_ITSELF.includes(kind)) ?? { kind: 'external' };
}

const WORKS_BY_ITSELF: readonly ExecutorConfig['kind'][] = ['command', 'patch', 'milestone', 'wait'];

function invalid(issues: Parameters<typeof issuesToProblems>[0]): DomainError {
  return new DomainError('invalid', 'It is not valid.', { problems: issuesToProblems(issues) });
}
