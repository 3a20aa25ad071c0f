import type { AgentCli } from '../agent-cli.js';

export const codex: AgentCli = {
  name: 'codex',
  title: 'OpenAI Codex CLI',
  docs: [
    'https://developers.openai.com/codex/noninteractive.md',
    'https://developers.openai.com/codex/cli/reference',
  ],
  program: 'codex',
  start: ['exec'],
  args: ['--json', '--skip-git-repo-check'],
  approve: ['--dangerously-bypass-approvals-and-sandbox'],
  prompt: { by: 'stdin', args: ['-'] },
  model: { args: ['--model', '{model}'], example: 'gpt-5-codex' },
  effort: { args: ['-c', 'model_reasoning_effort="{effort}"'], levels: ['low', 'medium', 'high', 'xhigh'] },
  resume: { kept: 'home', start: ['exec', 'resume', '{session}'], args: [] },
  output: {
    format: 'jsonl',
    end: { type: 'turn.completed' },
    failures: [
      { match: { type: 'turn.failed' }, reason: ['error.message'] },
      { match: { type: 'error' }, reason: ['message'] },
    ],
    names: {
      message: { in: { type: 'item.completed', 'item.type': 'agent_message' }, path: 'item.text' },
      session: { in: { type: 'thread.started' }, path: 'thread_id' },
    },
    counts: {
      inputTokens: { in: { type: 'turn.completed' }, path: 'usage.input_tokens', take: 'sum' },
      outputTokens: { in: { type: 'turn.completed' }, path: 'usage.output_tokens', take: 'sum' },
      cacheReadTokens: { in: { type: 'turn.completed' }, path: 'usage.cached_input_tokens', take: 'sum' },
    },
    inputIncludesCache: true,
  },
  exits: {},
  quota: [
    { pattern: 'hit your usage limit[^\\n]*?[Tt]ry again at (?<reset>[^\\n"\\\\]{3,40})' },
    { pattern: 'hit your usage limit|hit your spend cap|is out of credits|^Quota exceeded\\.' },
  ],
  credentials: [{ name: 'CODEX_API_KEY', hosts: [] }],
  baseUrls: [],
  settings: [],
  environment: {},
  hosts: ['api.openai.com', 'chatgpt.com', 'auth.openai.com'],
  logins: ['.codex/auth.json', '.codex/config.toml'],
  litter: [],
};
