import type { AgentCli } from '../agent-cli.js';

export const gemini: AgentCli = {
  name: 'gemini',
  title: 'Gemini CLI',
  docs: [
    'https://geminicli.com/docs/cli/headless.md',
    'https://geminicli.com/docs/cli/cli-reference/',
    'https://geminicli.com/docs/resources/troubleshooting/',
  ],
  program: 'gemini',
  start: [],
  args: ['--output-format', 'stream-json'],
  approve: ['--approval-mode', 'yolo'],
  prompt: { by: 'stdin', args: [] },
  model: { args: ['--model', '{model}'], example: 'gemini-2.5-pro' },
  resume: { kept: 'home', start: [], args: ['--resume', '{session}'] },
  output: {
    format: 'jsonl',
    end: { type: 'result' },
    failures: [{ match: { type: 'result', status: 'error' }, reason: ['error.message', 'error.type'] }],
    names: {
      message: { in: { type: 'message', role: 'assistant' }, path: 'content', take: 'joined' },
      session: { in: { type: 'init' }, path: 'session_id' },
      model: { in: { type: 'init' }, path: 'model' },
    },
    counts: {
      inputTokens: { in: { type: 'result' }, path: 'stats.input' },
      outputTokens: { in: { type: 'result' }, path: 'stats.output_tokens' },
      cacheReadTokens: { in: { type: 'result' }, path: 'stats.cached' },
    },
  },
  exits: {
    41: { failure: 'infrastructure', means: 'it could not log in' },
    42: { failure: 'agent_failed', means: 'its input was refused' },
    52: { failure: 'infrastructure', means: 'its settings are wrong' },
    53: { failure: 'limit_exceeded', means: 'it took more turns than it may' },
  },
  quota: [
    { pattern: 'quota will reset after (?<reset>(?:\\d+h)?(?:\\d+m)?(?:\\d+s)?)' },
    { pattern: 'exhausted your (?:daily quota|capacity)|RESOURCE_EXHAUSTED|Quota exceeded for' },
  ],
  credentials: [
    { name: 'GEMINI_API_KEY', hosts: ['generativelanguage.googleapis.com'] },
    { name: 'GOOGLE_API_KEY', hosts: ['generativelanguage.googleapis.com', 'aiplatform.googleapis.com'] },
  ],
  baseUrls: [],
  settings: ['GEMINI_MODEL', 'GOOGLE_CLOUD_PROJECT', 'GOOGLE_CLOUD_LOCATION', 'GOOGLE_GENAI_USE_VERTEXAI'],
  environment: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
  hosts: ['generativelanguage.googleapis.com', 'cloudcode-pa.googleapis.com', 'oauth2.googleapis.com'],
  logins: ['.gemini/oauth_creds.json', '.gemini/google_accounts.json', '.gemini/settings.json'],
  litter: [],
};
