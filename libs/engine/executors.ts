import type { PlanFile } from '#contracts/plan/plan-file.js';
import type { ExecutorConfig } from './ports/agent.port.js';

/** From a plan file to what is stored. */
export function toExecutor(
  executor: PlanFile['phases'][number]['tasks'][number]['executor'],
): ExecutorConfig {
  return { kind: 'command', command: executor.command, timeoutSeconds: executor.timeout };
}
