import type { AgentCli } from '../agent-cli.js';

export const copilot: AgentCli = {
  name: 'copilot',
  title: 'GitHub Copilot CLI',
  docs: [
    'https://docs.github.com/en/copilot/reference/copilot-cli-reference/cli-command-reference',
    'https://docs.github.com/en/copilot/reference/copilot-cli-reference/cli-programmatic-reference',
  ],
  program: 'copilot',
  start: [],
  args: ['--output-format=json', '--no-ask-user', '--no-auto-update', '--no-color', '--stream=off'],
  approve: ['--allow-all-tools'],
  prompt: { by: 'argument', args: ['--prompt={prompt}'] },
  model: { args: ['--model={model}'], example: 'claude-sonnet-4.5' },
  effort: { args: ['--reasoning-effort={effort}'], levels: ['low', 'medium', 'high', 'xhigh', 'max'] },
  tools: {
    allow: { args: ['--allow-tool={tools}'], separator: ', ' },
    deny: { args: ['--deny-tool={tools}'], separator: ', ' },
  },
  resume: { kept: 'home', start: [], args: ['--resume={session}'] },
  output: {
    format: 'jsonl',
    end: { type: 'result' },
    failures: [{ match: { type: 'session.error' }, reason: ['data.message', 'data.errorType'] }],
    names: {
      message: { in: { type: 'assistant.message' }, path: 'data.content' },
      session: { in: { type: 'result' }, path: 'sessionId' },
    },
    counts: { outputTokens: { in: { type: 'assistant.message' }, path: 'data.outputTokens', take: 'sum' } },
  },
  exits: {},
  quota: [{ pattern: 'exceeded your (?:premium request|monthly) (?:allowance|quota)|quota_exceeded' }],
  credentials: ['COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN'].map((name) => ({ name, hosts: [] })),
  baseUrls: [],
  settings: ['COPILOT_MODEL'],
  environment: { COPILOT_AUTO_UPDATE: 'false' },
  hosts: ['api.github.com', 'api.githubcopilot.com', '*.githubcopilot.com'],
  logins: ['.copilot/config.json'],
  litter: [],
};
