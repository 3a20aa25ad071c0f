import type { AgentFile } from '#contracts/agents/agent-file.js';
import { executorKindOf, type ExecutorFile, type WaitFile } from '#contracts/plan/executor-file.js';
import type { PlanFileInput } from '#contracts/plan/plan-file.js';
import { DomainError, type Problem } from '#domain/domain-error.js';
import type { Draft } from '#domain/plan/draft.js';
import { effectProblems } from '#domain/plan/task-effect.js';
import type { ExecutorConfig, WaitExecutor } from './ports/agent.port.js';

/** An executor as a plan file has it: what people write and are shown. */
export type WrittenExecutor = NonNullable<PlanFileInput['phases'][number]['tasks'][number]['executor']>;

/** From a plan file to what is stored. */
export function toExecutor(executor: ExecutorFile): ExecutorConfig {
  if ('command' in executor) {
    const { command, timeout: timeoutSeconds, checkout } = executor;
    return { kind: 'command', command, timeoutSeconds, ...(checkout === undefined ? {} : { checkout }) };
  }
  if ('claude' in executor) {
    const { timeout: timeoutSeconds, ...claude } = executor.claude;
    return { kind: 'claude', ...claude, timeoutSeconds };
  }
  if ('agent' in executor) {
    const { agent, timeout: timeoutSeconds, checkout } = executor;
    return { kind: 'agent', agent, timeoutSeconds, ...(checkout === undefined ? {} : { checkout }) };
  }
  if ('patch' in executor) return { kind: 'patch', patch: executor.patch };
  if ('wait' in executor) return toWait(executor.wait);
  if ('profile' in executor) return { kind: 'profile' };
  return { kind: executorKindOf(executor) === 'milestone' ? 'milestone' : 'external' };
}

/** From what is stored back to a plan file. */
export function writtenExecutor(config: ExecutorConfig): WrittenExecutor {
  switch (config.kind) {
    case 'command': {
      const { command, timeoutSeconds, checkout } = config;
      return { command, timeout: `${timeoutSeconds}s`, ...(checkout === undefined ? {} : { checkout }) };
    }
    case 'claude': {
      const { kind: _, timeoutSeconds, ladder, ...claude } = config;
      const rungs = ladder === undefined ? {} : { ladder: ladder.map((rung) => ({ ...rung })) };
      return { claude: { ...claude, ...rungs, timeout: `${timeoutSeconds}s` } };
    }
    case 'agent': {
      const { agent, timeoutSeconds, checkout } = config;
      const { name, model, effort, tools, resume, args, command } = agent;
      return {
        agent: name,
        ...(model === undefined ? {} : { model }),
        ...(effort === undefined ? {} : { effort }),
        ...(tools === undefined ? {} : { tools: writtenTools(tools) }),
        ...(resume === undefined ? {} : { resume }),
        ...(args === undefined ? {} : { args: [...args] }),
        ...(command === undefined ? {} : { command }),
        timeout: `${timeoutSeconds}s`,
        ...(checkout === undefined ? {} : { checkout }),
      };
    }
    case 'profile':
      return { profile: {} };
    case 'patch':
      return { patch: config.patch };
    case 'milestone':
      return { milestone: {} };
    case 'wait':
      return { wait: writtenWait(config) };
    case 'external':
      return { external: {} };
  }
}

/** An executor in a word, as sums over many attempts name it: `claude`, `agent:codex`. */
export function executorWord(config: ExecutorConfig): string {
  return config.kind === 'agent' ? `agent:${config.agent.name}` : config.kind;
}

/** @throws DomainError `invalid` with every task whose effect contradicts what else it says */
export function checkEffects(draft: Draft): void {
  const problems = draft.phases.flatMap((phase, p) =>
    phase.tasks.flatMap((task, t): Problem[] => {
      const executor = task.executor as ExecutorConfig;
      const found = effectProblems({
        effect: task.effect,
        executorKind: executor.kind,
        checkout: 'checkout' in executor,
        hasSpec: task.spec !== null,
        mayChange: task.mayChange,
        writes: task.writes,
        supersedes: task.supersedes,
        profile: task.profile,
        needs: task.needs,
      });
      return found.map(({ path, message }) => ({
        path: [`phases[${p}].tasks[${t}]`, ...path].join('.'),
        message,
      }));
    }),
  );
  if (problems.length > 0) {
    throw new DomainError('invalid', 'A task would contradict its effect; nothing was changed.', {
      problems,
    });
  }
}

function writtenTools({
  allow,
  deny,
}: NonNullable<AgentFile['tools']>): NonNullable<WrittenExecutor['tools']> {
  return {
    ...(allow === undefined ? {} : { allow: [...allow] }),
    ...(deny === undefined ? {} : { deny: [...deny] }),
  };
}

function toWait(wait: WaitFile): WaitExecutor {
  return {
    kind: 'wait',
    seconds: 'for' in wait ? wait.for : null,
    until: 'until' in wait ? wait.until : null,
    event: 'event' in wait ? wait.event : null,
    timeoutSeconds: 'event' in wait ? (wait.timeout ?? null) : null,
  };
}

function writtenWait({
  seconds,
  until,
  event,
  timeoutSeconds,
}: WaitExecutor): NonNullable<WrittenExecutor['wait']> {
  if (seconds !== null) return { for: `${seconds}s` };
  if (until !== null) return { until };
  return { event: event ?? '', ...(timeoutSeconds === null ? {} : { timeout: `${timeoutSeconds}s` }) };
}
