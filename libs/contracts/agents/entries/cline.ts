import type { AgentCli } from '../agent-cli.js';
import { PROVIDER_KEYS, PROVIDER_QUOTA } from '../providers.js';

export const cline: AgentCli = {
  name: 'cline',
  title: 'Cline CLI',
  docs: ['https://docs.cline.bot/cli/cli-reference'],
  program: 'cline',
  start: [],
  args: ['--json'],
  approve: ['--auto-approve', 'true'],
  prompt: { by: 'argument', args: ['{prompt}'] },
  model: { args: ['--model', '{model}'], example: 'claude-sonnet-4-6' },
  effort: { args: ['--thinking', '{effort}'], levels: ['low', 'medium', 'high', 'xhigh'] },
  resume: { kept: 'home', start: [], args: ['--id', '{session}'] },
  output: {
    format: 'jsonl',
    end: { type: 'run_result' },
    failures: [
      { match: { type: 'run_result', finishReason: 'error' }, reason: ['text', 'finishReason'] },
      { match: { type: 'run_result', finishReason: 'aborted' }, reason: ['text', 'finishReason'] },
      { match: { type: 'error' }, reason: ['message'] },
    ],
    names: {
      message: { in: { type: 'run_result' }, path: 'text' },
      model: { in: { type: 'run_result' }, path: 'model.id' },
    },
    counts: {
      inputTokens: { in: { type: 'run_result' }, path: 'usage.inputTokens' },
      outputTokens: { in: { type: 'run_result' }, path: 'usage.outputTokens' },
      cacheReadTokens: { in: { type: 'run_result' }, path: 'usage.cacheReadTokens' },
      cacheWriteTokens: { in: { type: 'run_result' }, path: 'usage.cacheWriteTokens' },
      costUsd: { in: { type: 'run_result' }, path: 'usage.totalCost' },
    },
    inputIncludesCache: true,
  },
  exits: {},
  quota: PROVIDER_QUOTA,
  credentials: [...PROVIDER_KEYS, { name: 'CLINE_API_KEY', hosts: ['api.cline.bot'] }],
  baseUrls: [],
  settings: ['CLINE_COMMAND_PERMISSIONS'],
  environment: { CLINE_SESSION_BACKEND_MODE: 'local' },
  hosts: [],
  logins: ['.cline/data/settings/providers.json'],
  litter: [],
};
