import type { AgentCli } from '../agent-cli.js';
import { PROVIDER_KEYS, PROVIDER_QUOTA } from '../providers.js';

const COUNT = '(?<value>[\\d.,]+[kM]?)';

export const aider: AgentCli = {
  name: 'aider',
  title: 'Aider',
  docs: ['https://aider.chat/docs/config/options.html', 'https://aider.chat/docs/scripting.html'],
  program: 'aider',
  start: [],
  args: [
    ...['--no-auto-commits', '--no-dirty-commits', '--no-gitignore', '--no-pretty', '--no-stream'],
    ...['--no-check-update', '--no-show-release-notes', '--analytics-disable', '--no-detect-urls'],
    ...['--no-show-model-warnings', '--no-suggest-shell-commands'],
    ...['--input-history-file', '{home}/.aider.input.history'],
    ...['--chat-history-file', '{home}/.aider.chat.history.md'],
  ],
  approve: ['--yes-always'],
  prompt: { by: 'file', args: ['--message-file', '{file}'] },
  model: { args: ['--model', '{model}'], example: 'sonnet' },
  effort: { args: ['--reasoning-effort', '{effort}'], levels: ['low', 'medium', 'high'] },
  output: {
    format: 'text',
    counts: {
      inputTokens: { pattern: `Tokens: ${COUNT} sent`, take: 'sum' },
      cacheWriteTokens: { pattern: `${COUNT} cache write`, take: 'sum' },
      cacheReadTokens: { pattern: `${COUNT} cache hit`, take: 'sum' },
      outputTokens: { pattern: `${COUNT} received\\.`, take: 'sum' },
      costUsd: { pattern: '\\$(?<value>[\\d.]+) session\\.' },
    },
  },
  exits: {},
  quota: PROVIDER_QUOTA,
  credentials: PROVIDER_KEYS,
  baseUrls: ['OPENAI_API_BASE', 'OLLAMA_API_BASE'],
  settings: ['AIDER_MODEL', 'AIDER_WEAK_MODEL', 'AIDER_EDITOR_MODEL', 'AIDER_EDIT_FORMAT'],
  environment: {},
  hosts: [],
  logins: ['.aider.conf.yml', '.aider.model.settings.yml'],
  litter: ['.aider*'],
};
