import type { AgentCli } from '../agent-cli.js';

export const droid: AgentCli = {
  name: 'droid',
  title: 'Droid (Factory)',
  docs: [
    'https://docs.factory.ai/cli/droid-exec/overview',
    'https://docs.factory.ai/droid-cli/cli-reference',
    'https://docs.factory.ai/enterprise/network-and-deployment',
  ],
  program: 'droid',
  start: ['exec'],
  args: ['--output-format', 'json'],
  approve: ['--skip-permissions-unsafe'],
  prompt: { by: 'file', args: ['--file', '{file}'] },
  model: { args: ['--model', '{model}'], example: 'claude-opus-4-5-20251101' },
  effort: { args: ['--reasoning-effort', '{effort}'], levels: ['low', 'medium', 'high'] },
  tools: { deny: { args: ['--disabled-tools', '{tools}'], separator: ',' } },
  resume: { kept: 'home', start: ['exec'], args: ['--session-id', '{session}'] },
  output: {
    format: 'json',
    end: { type: 'result' },
    failures: [{ match: { type: 'result', is_error: true }, reason: ['result', 'subtype'] }],
    names: {
      message: { in: { type: 'result' }, path: 'result' },
      session: { in: { type: 'result' }, path: 'session_id' },
    },
    counts: {},
  },
  exits: {},
  quota: [{ pattern: '(?:token|usage) limit (?:reached|exceeded)' }],
  credentials: [{ name: 'FACTORY_API_KEY', hosts: [] }],
  baseUrls: [],
  settings: [],
  environment: {},
  hosts: ['factory.ai', '*.factory.ai'],
  logins: ['.factory/settings.json', '.factory/config.json'],
  litter: [],
};
