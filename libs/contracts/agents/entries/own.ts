import type { AgentCli } from '../agent-cli.js';
import { PROVIDER_KEYS, PROVIDER_QUOTA } from '../providers.js';

/** Whatever a person wrote: told by variables, and heard by the file that PLANWRIGHT_RESULT names. */
export const own: AgentCli = {
  name: 'own',
  title: 'Your own script',
  docs: ['docs/agents.md'],
  program: null,
  start: [],
  args: [],
  approve: [],
  prompt: { by: 'stdin', args: [] },
  output: { format: 'text', counts: {} },
  exits: {},
  quota: PROVIDER_QUOTA,
  credentials: PROVIDER_KEYS,
  baseUrls: ['ANTHROPIC_BASE_URL', 'OPENAI_BASE_URL'],
  settings: [],
  environment: {},
  hosts: [],
  logins: [],
  litter: [],
};
