import type { AgentPort, AgentResult } from '#engine/ports/agent.port.js';
import { createClaudeAgent, type ClaudeAgentConfig } from './claude/claude-agent.js';
import { createCommandAgent, type CommandAgentConfig } from './command/command-agent.js';

export interface AgentsConfig {
  readonly command: CommandAgentConfig;
  /** Absent: nothing here works with models. */
  readonly claude?: ClaudeAgentConfig;
}

/** Hands an attempt to the executor of its kind. */
export function createAgents(config: AgentsConfig): AgentPort {
  const command = createCommandAgent(config.command);
  const claude = config.claude === undefined ? null : createClaudeAgent(config.claude);
  return {
    run(request) {
      const { executor } = request;
      switch (executor.kind) {
        case 'command':
          return command.run({ ...request, executor });
        case 'claude':
          return claude === null ? Promise.resolve(NO_MODELS) : claude.run({ ...request, executor });
      }
    },
  };
}

const NO_MODELS: AgentResult = {
  kind: 'failed',
  failure: 'unconfigured',
  message: 'This worker was started without models: start one that has them.',
  retryAt: null,
  result: null,
  output: '',
};
