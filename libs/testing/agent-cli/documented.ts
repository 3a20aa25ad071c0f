/**
 * The command lines of coding agents as their documentation lists them: written down apart from the table that the
 * product follows, so that one shows what is wrong in the other. Nothing is imported: it runs by itself.
 */
export interface DocumentedCli {
  /** The subcommands by which it may be started without a person; the rest of a resumed one is an id. */
  readonly starts: readonly (readonly string[])[];
  /** Options with a value, as `--name value` or, with `=`, as `--name=value` only. */
  readonly valued: readonly string[];
  readonly flags: readonly string[];
  /** Options whose value is one of these. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
  /** Where it reads its prompt. */
  readonly prompt: 'stdin' | 'positional' | { readonly file: string } | { readonly option: string };
  /** A positional argument that says that the prompt comes by standard input. */
  readonly dash?: boolean;
  /** Without these it would ask somebody, or print what nobody can read. */
  readonly unattended: readonly (readonly string[])[];
  /** One of these variables is its key. */
  readonly keys: readonly string[];
}

const PROVIDERS = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GEMINI_API_KEY', 'OPENROUTER_API_KEY'];

export const DOCUMENTED: Readonly<Record<string, DocumentedCli>> = {
  claude: {
    starts: [[]],
    valued: [
      ...['--add-dir', '--append-system-prompt', '--model', '--fallback-model', '--effort', '--max-turns'],
      ...['--permission-mode', '--resume', '-r', '--session-id', '--settings', '--mcp-config', '--agents'],
      ...['--output-format', '--input-format', '--allowedTools', '--disallowedTools', '--tools'],
      ...['--max-budget-usd', '--json-schema'],
    ],
    flags: ['-p', '--print', '--verbose', '--continue', '-c', '--dangerously-skip-permissions', '--bare'],
    choices: {
      '--output-format': ['text', 'json', 'stream-json'],
      '--effort': ['low', 'medium', 'high', 'xhigh', 'max'],
      '--permission-mode': ['default', 'acceptEdits', 'plan', 'auto', 'dontAsk', 'bypassPermissions'],
    },
    prompt: 'stdin',
    unattended: [['--print'], ['--dangerously-skip-permissions', '--permission-mode']],
    keys: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
  },
  codex: {
    starts: [['exec'], ['exec', 'resume', '*']],
    valued: [
      ...['--model', '-m', '--config', '-c', '--sandbox', '-s', '--cd', '-C', '--add-dir', '--image', '-i'],
      ...[
        '--output-schema',
        '--color',
        '--output-last-message',
        '-o',
        '--profile',
        '-p',
        '--enable',
        '--disable',
      ],
    ],
    flags: [
      ...[
        '--json',
        '--skip-git-repo-check',
        '--ephemeral',
        '--ignore-user-config',
        '--ignore-rules',
        '--oss',
      ],
      '--dangerously-bypass-approvals-and-sandbox',
    ],
    choices: {
      '--color': ['always', 'never', 'auto'],
      '--sandbox': ['read-only', 'workspace-write', 'danger-full-access'],
    },
    prompt: 'stdin',
    dash: true,
    unattended: [['--json'], ['--dangerously-bypass-approvals-and-sandbox', '--sandbox']],
    keys: ['CODEX_API_KEY'],
  },
  gemini: {
    starts: [[]],
    valued: [
      ...['--model', '-m', '--prompt', '-p', '--approval-mode', '--allowed-tools', '--extensions', '-e'],
      ...['--allowed-mcp-server-names', '--resume', '-r', '--include-directories', '--output-format', '-o'],
    ],
    flags: ['--debug', '-d', '--sandbox', '-s', '--yolo', '-y', '--screen-reader'],
    choices: {
      '--approval-mode': ['default', 'auto_edit', 'yolo', 'plan'],
      '--output-format': ['text', 'json', 'stream-json'],
    },
    prompt: 'stdin',
    unattended: [['--approval-mode'], ['--output-format']],
    keys: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  },
  opencode: {
    starts: [['run']],
    valued: [
      ...['--session', '-s', '--model', '-m', '--agent', '--format', '--file', '-f', '--title', '--server'],
      ...['--dir', '--variant', '--attach', '--port', '--command'],
    ],
    flags: ['--continue', '-c', '--fork', '--share', '--thinking', '--auto'],
    choices: { '--format': ['default', 'json'] },
    prompt: 'stdin',
    unattended: [['--auto'], ['--format']],
    keys: PROVIDERS,
  },
  aider: {
    starts: [[]],
    valued: [
      ...[
        '--model',
        '--reasoning-effort',
        '--thinking-tokens',
        '--weak-model',
        '--editor-model',
        '--edit-format',
      ],
      ...['--message', '-m', '--message-file', '-f', '--file', '--read', '--input-history-file'],
      ...['--chat-history-file', '--llm-history-file', '--map-tokens', '--timeout', '--env-file'],
    ],
    flags: [
      ...[
        '--no-auto-commits',
        '--no-dirty-commits',
        '--no-gitignore',
        '--no-pretty',
        '--no-stream',
        '--no-git',
      ],
      ...['--no-check-update', '--no-show-release-notes', '--analytics-disable', '--no-detect-urls'],
      ...['--no-show-model-warnings', '--no-suggest-shell-commands', '--yes-always', '--verbose', '-v'],
    ],
    prompt: { file: '--message-file' },
    unattended: [['--yes-always'], ['--no-auto-commits']],
    keys: PROVIDERS,
  },
  copilot: {
    starts: [[]],
    valued: [
      ...[
        '--add-dir=',
        '--agent=',
        '--allow-tool=',
        '--deny-tool=',
        '--allow-url=',
        '--deny-url=',
        '--model=',
      ],
      ...['--available-tools=', '--excluded-tools=', '--effort=', '--reasoning-effort=', '--log-level='],
      ...['--output-format=', '--prompt=', '--resume=', '--stream=', '--secret-env-vars='],
    ],
    flags: [
      ...['--allow-all', '--allow-all-paths', '--allow-all-tools', '--allow-all-urls', '--autopilot', '-s'],
      ...[
        '--no-ask-user',
        '--no-auto-update',
        '--no-color',
        '--no-custom-instructions',
        '--silent',
        '--yolo',
      ],
    ],
    choices: {
      '--output-format': ['text', 'json'],
      '--stream': ['on', 'off'],
      '--effort': ['low', 'medium', 'high', 'xhigh', 'max'],
      '--reasoning-effort': ['low', 'medium', 'high', 'xhigh', 'max'],
    },
    prompt: { option: '--prompt' },
    unattended: [['--allow-all-tools', '--allow-tool'], ['--output-format']],
    keys: ['COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN'],
  },
  cursor: {
    starts: [[]],
    valued: [
      '--output-format',
      '--model',
      '--resume',
      '--api-key',
      '-a',
      '--workspace',
      '--mode',
      '--sandbox',
      '-H',
    ],
    flags: [
      '-p',
      '--print',
      '-f',
      '--force',
      '--yolo',
      '--trust',
      '--approve-mcps',
      '--continue',
      '--stream-partial-output',
    ],
    choices: { '--output-format': ['text', 'json', 'stream-json'] },
    prompt: 'positional',
    unattended: [['--print'], ['--force'], ['--output-format']],
    keys: ['CURSOR_API_KEY'],
  },
  goose: {
    starts: [['run']],
    valued: [
      ...[
        '--instructions',
        '-i',
        '--text',
        '-t',
        '--system',
        '--recipe',
        '--params',
        '--name',
        '-n',
        '--path',
      ],
      ...['--with-extension', '--with-streamable-http-extension', '--with-builtin', '--max-turns'],
      ...['--max-tool-repetitions', '--output-format', '--provider', '--model'],
    ],
    flags: ['--no-session', '--quiet', '-q', '--debug', '--interactive', '-s', '--resume', '-r', '--explain'],
    choices: { '--output-format': ['text', 'json', 'stream-json'], '--instructions': ['-'] },
    prompt: 'stdin',
    unattended: [['--no-session'], ['--instructions'], ['--output-format']],
    keys: [...PROVIDERS, 'GOOSE_PROVIDER__API_KEY'],
  },
  amp: {
    starts: [[], ['threads', 'continue', '*']],
    valued: [
      '--mode',
      '-m',
      '--effort',
      '--mcp-config',
      '--settings-file',
      '--log-file',
      '--log-level',
      '--visibility',
    ],
    flags: [
      '-x',
      '--execute',
      '--stream-json',
      '--stream-json-input',
      '--dangerously-allow-all',
      '--no-notifications',
    ],
    prompt: 'stdin',
    unattended: [['--execute', '-x'], ['--stream-json'], ['--dangerously-allow-all']],
    keys: ['AMP_API_KEY'],
  },
  qwen: {
    starts: [[]],
    valued: [
      ...['--prompt', '-p', '--model', '-m', '--output-format', '-o', '--input-format', '--approval-mode'],
      ...[
        '--system-prompt',
        '--append-system-prompt',
        '--include-directories',
        '--resume',
        '--exclude-tools',
      ],
      ...['--core-tools', '--allowed-tools', '--max-session-turns'],
    ],
    flags: ['--include-partial-messages', '--debug', '-d', '--all-files', '-a', '--yolo', '-y', '--continue'],
    choices: {
      '--approval-mode': ['plan', 'default', 'auto_edit', 'yolo'],
      '--output-format': ['text', 'json', 'stream-json'],
    },
    prompt: 'stdin',
    unattended: [['--approval-mode', '--yolo'], ['--output-format']],
    keys: ['OPENAI_API_KEY', 'DASHSCOPE_API_KEY'],
  },
  crush: {
    starts: [['run']],
    valued: ['--model', '-m', '--small-model', '--session', '-s', '--cwd', '-c', '--data-dir', '-D'],
    flags: ['--quiet', '-q', '--verbose', '-v', '--continue', '-C', '--debug', '-d'],
    prompt: 'stdin',
    unattended: [],
    keys: PROVIDERS,
  },
  kiro: {
    starts: [['chat']],
    valued: [
      '--agent',
      '--model',
      '--effort',
      '--trust-tools=',
      '--resume-id',
      '--output-format',
      '--format',
      '-f',
    ],
    flags: [
      '--no-interactive',
      '--trust-all-tools',
      '-a',
      '--resume',
      '-r',
      '--require-mcp-startup',
      '--v2',
      '--v3',
    ],
    prompt: 'stdin',
    unattended: [['--no-interactive'], ['--trust-all-tools', '--trust-tools']],
    keys: ['KIRO_API_KEY'],
  },
  droid: {
    starts: [['exec']],
    valued: [
      ...[
        '--output-format',
        '-o',
        '--input-format',
        '--file',
        '-f',
        '--auto',
        '--session-id',
        '-s',
        '--model',
      ],
      ...['-m', '--reasoning-effort', '-r', '--spec-model', '--enabled-tools', '--disabled-tools', '--cwd'],
    ],
    flags: ['--skip-permissions-unsafe', '--use-spec', '--list-tools'],
    choices: { '--output-format': ['text', 'json', 'stream-json', 'stream-jsonrpc', 'debug'] },
    prompt: { file: '--file' },
    unattended: [['--skip-permissions-unsafe', '--auto']],
    keys: ['FACTORY_API_KEY'],
  },
  cline: {
    starts: [[]],
    valued: [
      ...[
        '--provider',
        '-P',
        '--key',
        '-k',
        '--model',
        '-m',
        '--system',
        '-s',
        '--cwd',
        '-c',
        '--timeout',
        '-t',
      ],
      ...['--auto-approve', '--thinking', '--compaction', '--id', '--retries', '--config', '--data-dir'],
      '--hooks-dir',
    ],
    flags: ['--plan', '-p', '--json', '--zen', '-z', '--worktree', '--verbose', '-v'],
    choices: {
      '--auto-approve': ['true', 'false'],
      '--thinking': ['none', 'low', 'medium', 'high', 'xhigh'],
    },
    prompt: 'positional',
    unattended: [['--auto-approve'], ['--json']],
    keys: [...PROVIDERS, 'CLINE_API_KEY'],
  },
  continue: {
    starts: [[]],
    valued: [
      '--config',
      '--org',
      '--rule',
      '--mcp',
      '--model',
      '--prompt',
      '--allow',
      '--ask',
      '--exclude',
      '--format',
      '--fork',
    ],
    flags: ['-p', '--print', '--silent', '--resume', '--readonly', '--auto', '-v', '--verbose'],
    choices: { '--format': ['json'] },
    prompt: 'stdin',
    unattended: [['--print'], ['--auto', '--allow']],
    keys: ['CONTINUE_API_KEY', ...PROVIDERS],
  },
};
