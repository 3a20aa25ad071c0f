import type { AgentPort } from '#engine/ports/agent.port.js';
import { createCliAgent, type CliAgentConfig } from './cli/cli-agent.js';
import { createCommandAgent, type CommandAgentConfig } from './command/command-agent.js';
import { failed } from './cli/results.js';

export interface AgentsConfig {
  readonly command: CommandAgentConfig;
  /** Without it, no coding agent runs here. */
  readonly cli?: CliAgentConfig;
}

/** Hands an attempt to the executor of its kind. */
export function createAgents(config: AgentsConfig): AgentPort {
  const command = createCommandAgent(config.command);
  const cli = config.cli === undefined ? null : createCliAgent(config.cli);
  return {
    async run({ executor, ...request }) {
      if (executor.kind === 'command') return command.run({ ...request, executor });
      if (cli !== null) return cli.run({ ...request, executor });
      return failed('infrastructure', 'This worker runs no coding agents.', '');
    },
  };
}
