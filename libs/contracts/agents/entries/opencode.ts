import type { AgentCli } from '../agent-cli.js';
import { PROVIDER_KEYS, PROVIDER_QUOTA } from '../providers.js';

export const opencode: AgentCli = {
  name: 'opencode',
  title: 'OpenCode',
  docs: ['https://opencode.ai/docs/cli', 'https://opencode.ai/v2/docs/cli/commands/'],
  program: 'opencode',
  start: ['run'],
  args: ['--format', 'json'],
  approve: ['--auto'],
  prompt: { by: 'stdin', args: [] },
  model: { args: ['--model', '{model}'], example: 'anthropic/claude-sonnet-4-5' },
  effort: { args: ['--variant', '{effort}'], levels: ['high', 'max'] },
  resume: { kept: 'home', start: ['run'], args: ['--session', '{session}'] },
  output: {
    format: 'jsonl',
    end: { type: 'step_finish' },
    failures: [{ match: { type: 'error' }, reason: ['error.data.message', 'error.message', 'error.name'] }],
    names: {
      message: { in: { type: 'text' }, path: 'part.text' },
      session: { in: { type: 'step_finish' }, path: 'sessionID' },
    },
    counts: {
      inputTokens: { in: { type: 'step_finish' }, path: 'part.tokens.input', take: 'sum' },
      outputTokens: [
        { in: { type: 'step_finish' }, path: 'part.tokens.output', take: 'sum' },
        { in: { type: 'step_finish' }, path: 'part.tokens.reasoning', take: 'sum' },
      ],
      cacheReadTokens: { in: { type: 'step_finish' }, path: 'part.tokens.cache.read', take: 'sum' },
      cacheWriteTokens: { in: { type: 'step_finish' }, path: 'part.tokens.cache.write', take: 'sum' },
      costUsd: { in: { type: 'step_finish' }, path: 'part.cost', take: 'sum' },
    },
  },
  exits: {},
  quota: PROVIDER_QUOTA,
  credentials: [...PROVIDER_KEYS, { name: 'OPENCODE_API_KEY', hosts: ['opencode.ai'] }],
  baseUrls: [],
  settings: [],
  environment: { OPENCODE_DISABLE_AUTOUPDATE: 'true' },
  hosts: ['models.dev'],
  logins: ['.local/share/opencode/auth.json', '.config/opencode/opencode.json'],
  litter: [],
};
