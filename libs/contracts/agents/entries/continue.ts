import type { AgentCli } from '../agent-cli.js';
import { PROVIDER_KEYS, PROVIDER_QUOTA } from '../providers.js';

export const continueCli: AgentCli = {
  name: 'continue',
  title: 'Continue CLI',
  docs: ['https://docs.continue.dev/cli/headless-mode', 'https://docs.continue.dev/cli/tool-permissions'],
  program: 'cn',
  start: [],
  args: ['--print', '--silent'],
  approve: ['--auto'],
  prompt: { by: 'stdin', args: [] },
  model: { args: ['--model', '{model}'], example: 'anthropic/claude-sonnet-4-5' },
  tools: {
    allow: { args: ['--allow', '{tools}'], separator: null },
    deny: { args: ['--exclude', '{tools}'], separator: null },
  },
  output: { format: 'text', counts: {} },
  exits: {},
  quota: PROVIDER_QUOTA,
  credentials: [{ name: 'CONTINUE_API_KEY', hosts: ['api.continue.dev'] }, ...PROVIDER_KEYS],
  baseUrls: [],
  settings: [],
  environment: {},
  hosts: ['api.continue.dev'],
  logins: ['.continue/config.yaml', '.continue/auth.json'],
  litter: [],
};
