import { stringify } from 'yaml';
import type { ExecutorFile } from '#contracts/plan/executor-file.js';
import { parseSpec } from '#contracts/spec/parse-spec.js';
import { DomainError } from '#domain/domain-error.js';
import type { Draft, DraftTask, TaskFields } from '#domain/plan/draft.js';
import { byKey } from '#domain/plan/supersedes.js';
import type { TaskEffect } from '#domain/plan/state.js';
import { impliedEffect } from '#domain/plan/task-effect.js';
import { toExecutor } from '../executors.js';

/** A task as a request names it; specs as text or as a value, dependencies by key or number. */
export interface TaskInput {
  readonly key?: string | undefined;
  readonly title?: string | undefined;
  readonly prompt?: string | undefined;
  readonly dependsOn?: readonly string[] | undefined;
  readonly executor?: ExecutorFile | undefined;
  readonly effect?: TaskEffect | undefined;
  /** A name; one that nobody has yet becomes a user. Null takes it away. */
  readonly assignedTo?: string | null | undefined;
  readonly mayChange?: readonly string[] | undefined;
  readonly writes?: readonly string[] | undefined;
  /** Contracts, by a task's key or number. */
  readonly supersedes?: readonly string[] | undefined;
  /** Capabilities. */
  readonly needs?: readonly string[] | undefined;
  /** Slug of the profile that it is done under; null takes it away. */
  readonly profile?: string | null | undefined;
  readonly maxAttempts?: number | undefined;
  readonly spec?: string | Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * What of a task a request changes, as the draft holds it. An executor that implies an effect brings it along.
 *
 * @throws DomainError `invalid` for a spec that is none
 */
export function taskFields(draft: Draft, input: TaskInput): TaskFields {
  const {
    key,
    title,
    prompt,
    dependsOn,
    mayChange,
    writes,
    supersedes,
    needs,
    profile,
    maxAttempts,
    spec,
    assignedTo,
  } = input;
  const executor = input.executor === undefined ? undefined : toExecutor(input.executor);
  const implied = executor !== undefined && impliedEffect(executor.kind) === 'none' ? 'none' : undefined;
  const effect = input.effect ?? implied;
  return {
    ...(key === undefined ? {} : { key }),
    ...(title === undefined ? {} : { title }),
    ...(prompt === undefined ? {} : { prompt }),
    ...(mayChange === undefined ? {} : { mayChange }),
    ...(writes === undefined ? {} : { writes }),
    ...(supersedes === undefined
      ? {}
      : { supersedes: supersedes.map((name) => byKey(tasksOf(draft), name)) }),
    ...(needs === undefined ? {} : { needs }),
    ...(profile === undefined ? {} : { profile }),
    ...(maxAttempts === undefined ? {} : { maxAttempts }),
    ...(dependsOn === undefined ? {} : { dependsOn: dependsOn.map((name) => keyOf(draft, name)) }),
    // What a person writes anew is theirs, whoever wrote what was there.
    ...(executor === undefined ? {} : { executor, writtenBy: 'person' as const }),
    ...(effect === undefined ? {} : { effect }),
    ...(assignedTo === undefined ? {} : { assignedTo }),
    ...(spec === undefined ? {} : { spec: spec === null ? null : requireSpec(spec) }),
  };
}

function tasksOf(draft: Draft): DraftTask[] {
  return draft.phases.flatMap((phase) => phase.tasks);
}

/** A task's number stands for its key; any other word is one, known or not. */
function keyOf(draft: Draft, name: string): string {
  const number = /^\d+$/.test(name) ? Number(name) : null;
  const tasks = tasksOf(draft);
  return (
    (tasks.some((task) => task.key === name)
      ? undefined
      : tasks.find((task) => task.number === number)?.key) ?? name
  );
}

/** A spec as a request has it: text, or a value. */
function requireSpec(spec: string | Readonly<Record<string, unknown>>): { yaml: string; hash: string } {
  const yaml = typeof spec === 'string' ? spec : stringify(spec);
  const parsed = parseSpec(yaml);
  if (parsed.ok) return { yaml, hash: parsed.hash };
  const problems = parsed.errors.map((error) => ({
    path: error.path === '' ? 'spec' : `spec.${error.path}`,
    message: error.message,
    line: error.line,
    column: error.column,
  }));
  throw new DomainError('invalid', 'The spec is not valid; nothing was changed.', { problems });
}
