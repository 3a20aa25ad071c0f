import type { AgentCli } from '../agent-cli.js';
import { PROVIDER_QUOTA } from '../providers.js';

export const qwen: AgentCli = {
  name: 'qwen',
  title: 'Qwen Code',
  docs: [
    'https://qwenlm.github.io/qwen-code-docs/en/users/features/headless/',
    'https://qwenlm.github.io/qwen-code-docs/en/users/configuration/settings/',
  ],
  program: 'qwen',
  start: [],
  args: ['--output-format', 'stream-json'],
  approve: ['--approval-mode', 'yolo'],
  prompt: { by: 'stdin', args: [] },
  model: { args: ['--model', '{model}'], example: 'qwen3-coder-plus' },
  tools: { deny: { args: ['--exclude-tools', '{tools}'], separator: ',' } },
  resume: { kept: 'home', start: [], args: ['--resume', '{session}'] },
  output: {
    format: 'jsonl',
    end: { type: 'result' },
    failures: [
      { match: { type: 'result', is_error: true }, reason: ['error.message', 'result', 'subtype'] },
      { match: { type: 'result' }, pattern: '^\\[API Error: ', reason: ['result'] },
    ],
    names: {
      message: { in: { type: 'result' }, path: 'result' },
      session: { in: { type: 'result' }, path: 'session_id' },
      model: { in: { type: 'system' }, path: 'model' },
    },
    counts: {
      inputTokens: { in: { type: 'result' }, path: 'usage.input_tokens' },
      outputTokens: { in: { type: 'result' }, path: 'usage.output_tokens' },
      cacheReadTokens: { in: { type: 'result' }, path: 'usage.cache_read_input_tokens' },
    },
    inputIncludesCache: true,
  },
  exits: {
    53: { failure: 'limit_exceeded', means: 'it took more turns than it may' },
  },
  quota: [...PROVIDER_QUOTA, { pattern: 'Qwen (?:OAuth|API) quota exceeded|daily quota|API Error: 429' }],
  credentials: [
    { name: 'OPENAI_API_KEY', hosts: ['api.openai.com'] },
    { name: 'DASHSCOPE_API_KEY', hosts: ['dashscope.aliyuncs.com', 'dashscope-intl.aliyuncs.com'] },
  ],
  baseUrls: ['OPENAI_BASE_URL'],
  settings: ['OPENAI_MODEL'],
  environment: { QWEN_CODE_SUPPRESS_YOLO_WARNING: '1' },
  hosts: [],
  logins: ['.qwen/oauth_creds.json', '.qwen/settings.json'],
  litter: [],
};
