import type { AgentCli } from '../agent-cli.js';
import { PROVIDER_KEYS, PROVIDER_QUOTA } from '../providers.js';

export const goose: AgentCli = {
  name: 'goose',
  title: 'Goose',
  docs: [
    'https://block.github.io/goose/docs/guides/goose-cli-commands',
    'https://block.github.io/goose/docs/guides/environment-variables',
  ],
  program: 'goose',
  start: ['run'],
  args: ['--no-session', '--quiet', '--output-format', 'stream-json', '--with-builtin', 'developer'],
  approve: [],
  prompt: { by: 'stdin', args: ['--instructions', '-'] },
  model: { args: ['--model', '{model}'], example: 'claude-sonnet-4-5' },
  output: {
    format: 'jsonl',
    end: { type: 'complete' },
    failures: [{ match: { type: 'error' }, reason: ['error'] }],
    names: {
      message: {
        in: { type: 'message', 'message.role': 'assistant' },
        path: 'message.content.*.text',
        take: 'joined',
      },
    },
    counts: {
      inputTokens: { in: { type: 'complete' }, path: 'input_tokens' },
      outputTokens: { in: { type: 'complete' }, path: 'output_tokens' },
      cacheReadTokens: { in: { type: 'complete' }, path: 'cache_read_input_tokens' },
      cacheWriteTokens: { in: { type: 'complete' }, path: 'cache_write_input_tokens' },
      costUsd: { in: { type: 'complete' }, path: 'cost_usd' },
    },
    inputIncludesCache: true,
  },
  exits: {},
  quota: PROVIDER_QUOTA,
  credentials: [...PROVIDER_KEYS, { name: 'GOOSE_PROVIDER__API_KEY', hosts: [] }],
  baseUrls: ['GOOSE_PROVIDER__HOST', 'OPENAI_HOST', 'ANTHROPIC_HOST', 'OLLAMA_HOST'],
  settings: ['GOOSE_PROVIDER', 'GOOSE_MODEL', 'GOOSE_PROVIDER__TYPE', 'GOOSE_MAX_TURNS'],
  environment: { GOOSE_MODE: 'auto', GOOSE_DISABLE_KEYRING: '1', GOOSE_DISABLE_SESSION_NAMING: 'true' },
  hosts: [],
  logins: ['.config/goose/config.yaml', '.config/goose/secrets.yaml'],
  litter: [],
};
