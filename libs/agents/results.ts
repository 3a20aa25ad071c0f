import type { AgentResult } from '#engine/ports/agent.port.js';

export type FailedResult = Extract<AgentResult, { kind: 'failed' }>;

/** A failure of a run that left nothing behind. */
export function failed(
  failure: FailedResult['failure'],
  message: string,
  output: string,
  retryAt: Date | null = null,
): FailedResult {
  return { kind: 'failed', failure, message, retryAt, output, result: null };
}
