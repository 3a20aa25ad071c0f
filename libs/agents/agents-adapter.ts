import type { AgentPort } from '#engine/ports/agent.port.js';
import { createClaudeAgent, type ClaudeAgentConfig } from './claude/claude-agent.js';
import { createCliAgent, type CliAgentConfig } from './cli/cli-agent.js';
import { createCommandAgent, type CommandAgentConfig } from './command/command-agent.js';
import { createPatchAgent } from './patch/patch-agent.js';
import { failed } from './results.js';

export interface AgentsConfig {
  readonly command: CommandAgentConfig;
  /** Absent: no model works here. */
  readonly claude?: ClaudeAgentConfig;
  /** Without it, no coding agent runs here. */
  readonly cli?: CliAgentConfig;
}

/** Hands an attempt to the executor of its kind. */
export function createAgents(config: AgentsConfig): AgentPort {
  const command = createCommandAgent(config.command);
  const patch = createPatchAgent(config.command);
  const claude = config.claude === undefined ? null : createClaudeAgent(config.claude);
  const cli = config.cli === undefined ? null : createCliAgent(config.cli);
  return {
    async run(request) {
      const { executor } = request;
      switch (executor.kind) {
        case 'command':
          return command.run({ ...request, executor });
        case 'patch':
          return patch.run({ ...request, executor });
        case 'claude':
          return claude?.run({ ...request, executor }) ?? NO_MODELS;
        case 'agent':
          return cli?.run({ ...request, executor }) ?? NO_AGENTS;
      }
    },
  };
}

const NO_MODELS = failed(
  'unconfigured',
  'This worker was started without models: start one that has them.',
  '',
);
const NO_AGENTS = failed('unconfigured', 'This worker runs no coding agents: start one that does.', '');
