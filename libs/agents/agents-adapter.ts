import type { AgentPort } from '#engine/ports/agent.port.js';
import { createCommandAgent, type CommandAgentConfig } from './command/command-agent.js';

export interface AgentsConfig {
  readonly command: CommandAgentConfig;
}

/** Hands an attempt to the executor of its kind. */
export function createAgents(config: AgentsConfig): AgentPort {
  const command = createCommandAgent(config.command);
  return {
    run(request) {
      switch (request.executor.kind) {
        case 'command':
          return command.run(request);
      }
    },
  };
}
