import type { AgentCli } from '../agent-cli.js';
import { PROVIDER_KEYS, PROVIDER_QUOTA } from '../providers.js';

export const crush: AgentCli = {
  name: 'crush',
  title: 'Crush',
  docs: [
    'https://github.com/charmbracelet/crush#readme',
    'https://github.com/charmbracelet/crush/blob/main/internal/cmd/run.go',
  ],
  program: 'crush',
  start: ['run'],
  args: ['--quiet', '--data-dir', '{home}/.crush'],
  approve: [],
  prompt: { by: 'stdin', args: [] },
  model: { args: ['--model', '{model}'], example: 'anthropic/claude-sonnet-4-5' },
  resume: { kept: 'home', start: ['run'], args: ['--session', '{session}'] },
  output: { format: 'text', counts: {} },
  exits: {},
  quota: PROVIDER_QUOTA,
  credentials: PROVIDER_KEYS,
  baseUrls: ['AZURE_OPENAI_ENDPOINT'],
  settings: ['AZURE_OPENAI_API_VERSION'],
  environment: { CRUSH_DISABLE_METRICS: '1', CRUSH_DISABLE_PROVIDER_AUTO_UPDATE: '1' },
  hosts: [],
  logins: ['.config/crush/crush.json', '.local/share/crush/crush.json'],
  litter: ['.crush'],
};
