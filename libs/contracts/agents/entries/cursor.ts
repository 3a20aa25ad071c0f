import type { AgentCli } from '../agent-cli.js';

export const cursor: AgentCli = {
  name: 'cursor',
  title: 'Cursor Agent',
  docs: [
    'https://cursor.com/docs/cli/reference/parameters',
    'https://cursor.com/docs/cli/reference/output-format',
    'https://cursor.com/docs/cli/headless',
    'https://cursor.com/docs/enterprise/network-configuration',
  ],
  program: 'cursor-agent',
  start: [],
  args: ['--print', '--output-format', 'json', '--trust'],
  approve: ['--force'],
  prompt: { by: 'argument', args: ['{prompt}'] },
  model: { args: ['--model', '{model}'], example: 'auto' },
  resume: { kept: 'home', start: [], args: ['--resume', '{session}'] },
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
  quota: [{ pattern: "hit your usage limit|You've reached your (?:free plan|usage) limit" }],
  credentials: [{ name: 'CURSOR_API_KEY', hosts: [] }],
  baseUrls: [],
  settings: [],
  environment: {},
  hosts: ['*.cursor.sh', 'cursor.com', '*.cursorapi.com'],
  logins: ['.config/cursor/auth.json', '.cursor/cli-config.json'],
  litter: [],
};
