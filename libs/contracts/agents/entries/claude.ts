import type { AgentCli } from '../agent-cli.js';

export const claude: AgentCli = {
  name: 'claude',
  title: 'Claude Code',
  docs: [
    'https://code.claude.com/docs/en/cli-reference',
    'https://code.claude.com/docs/en/headless',
    'https://code.claude.com/docs/en/hooks',
  ],
  program: 'claude',
  start: [],
  args: ['--print', '--output-format', 'stream-json', '--verbose'],
  approve: ['--dangerously-skip-permissions'],
  prompt: { by: 'stdin', args: [] },
  model: { args: ['--model', '{model}'], example: 'opus' },
  effort: { args: ['--effort', '{effort}'], levels: ['low', 'medium', 'high', 'xhigh', 'max'] },
  tools: {
    allow: { args: ['--permission-mode', 'dontAsk', '--allowedTools', '{tools}'], separator: ',' },
    deny: { args: ['--disallowedTools', '{tools}'], separator: ',' },
  },
  resume: {
    kept: 'home',
    start: [],
    args: ['--resume', '{session}'],
    file: '.claude/projects/{folder}/{session}.jsonl',
  },
  hooks: { args: ['--settings', '{settings}'] },
  output: {
    format: 'jsonl',
    end: { type: 'result' },
    failures: [{ match: { type: 'result', is_error: true }, reason: ['result', 'errors.*', 'subtype'] }],
    names: {
      message: { in: { type: 'result' }, path: 'result' },
      session: { in: { type: 'system', subtype: 'init' }, path: 'session_id' },
      model: { in: { type: 'system', subtype: 'init' }, path: 'model' },
    },
    counts: {
      inputTokens: { in: { type: 'result' }, path: 'usage.input_tokens' },
      outputTokens: { in: { type: 'result' }, path: 'usage.output_tokens' },
      cacheReadTokens: { in: { type: 'result' }, path: 'usage.cache_read_input_tokens' },
      cacheWriteTokens: { in: { type: 'result' }, path: 'usage.cache_creation_input_tokens' },
      costUsd: { in: { type: 'result' }, path: 'total_cost_usd' },
    },
  },
  exits: {},
  quota: [
    { pattern: 'usage limit reached\\|(?<reset>\\d{10})' },
    {
      pattern:
        '(?:hit your (?:\\w+ )?limit|limit reached)[^\\n]{0,40}?\\bresets? (?:at )?(?<reset>[^\\n|"\']{2,60})',
    },
    { pattern: '\\b(?:usage limit reached|hit your (?:\\w+ )?limit|Credit balance is too low)\\b' },
    { pattern: 'API Error: [^\\n]*\\b(?:429|529|rate_limit_error|overloaded_error)\\b' },
  ],
  credentials: [
    { name: 'ANTHROPIC_API_KEY', hosts: [] },
    { name: 'ANTHROPIC_AUTH_TOKEN', hosts: [] },
    { name: 'CLAUDE_CODE_OAUTH_TOKEN', hosts: [] },
  ],
  baseUrls: ['ANTHROPIC_BASE_URL'],
  settings: ['ANTHROPIC_MODEL', 'ANTHROPIC_SMALL_FAST_MODEL', 'CLAUDE_CODE_MAX_OUTPUT_TOKENS'],
  environment: { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_AUTOUPDATER: '1' },
  hosts: ['api.anthropic.com'],
  logins: ['.claude/.credentials.json'],
  litter: [],
};
