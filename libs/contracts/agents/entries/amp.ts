import type { AgentCli } from '../agent-cli.js';

export const amp: AgentCli = {
  name: 'amp',
  title: 'Amp',
  docs: [
    'https://ampcode.com/docs/cli/execute-mode',
    'https://ampcode.com/docs/cli/streaming-json',
    'https://ampcode.com/manual',
  ],
  program: 'amp',
  start: [],
  args: ['--execute', '--stream-json'],
  approve: ['--dangerously-allow-all'],
  prompt: { by: 'stdin', args: [] },
  resume: { kept: 'service', start: ['threads', 'continue', '{session}'], args: [] },
  output: {
    format: 'jsonl',
    end: { type: 'result' },
    failures: [{ match: { type: 'result', is_error: true }, reason: ['error', 'result', 'subtype'] }],
    names: {
      message: { in: { type: 'result' }, path: 'result' },
      session: { in: { type: 'system', subtype: 'init' }, path: 'session_id' },
    },
    counts: {
      inputTokens: { in: { type: 'assistant' }, path: 'message.usage.input_tokens', take: 'sum' },
      outputTokens: { in: { type: 'assistant' }, path: 'message.usage.output_tokens', take: 'sum' },
      cacheReadTokens: {
        in: { type: 'assistant' },
        path: 'message.usage.cache_read_input_tokens',
        take: 'sum',
      },
      cacheWriteTokens: {
        in: { type: 'assistant' },
        path: 'message.usage.cache_creation_input_tokens',
        take: 'sum',
      },
    },
  },
  exits: {},
  quota: [{ pattern: '[Oo]ut of credits|[Ii]nsufficient credit' }],
  credentials: [{ name: 'AMP_API_KEY', hosts: [] }],
  baseUrls: ['AMP_URL'],
  settings: [],
  environment: { AMP_SKIP_UPDATE_CHECK: '1' },
  hosts: ['ampcode.com', '*.ampcode.com'],
  logins: ['.config/amp/settings.json', '.local/share/amp/secrets.json'],
  litter: [],
};
