import { TOKEN_CLASSES, type AgentCli } from './agent-cli.js';
import { AGENT_CLIS } from './table.js';

/** What each agent can be told, reports, is given and how it is started, as tables of Markdown. */
export function agentMatrix(): string {
  const clis = Object.values(AGENT_CLIS);
  return [
    '## What each can be told, and what it reports',
    table(
      ['`agent`', 'Program', '`model`', '`effort`', '`tools`', '`resume`', 'Reports'],
      clis.map((cli) => [
        code(cli.name),
        cli.program === null ? '`command`' : code(cli.program),
        cli.model === undefined ? '–' : `such as ${code(cli.model.example)}`,
        cli.effort === undefined ? '–' : cli.effort.levels.map(code).join(', '),
        toolsOf(cli),
        cli.resume?.kept === 'service' ? 'yes' : '–',
        reportsOf(cli),
      ]),
    ),
    '## What each is given and may reach',
    table(
      ['`agent`', 'Keys (one of)', 'Addresses and settings', 'Files of `PLANWRIGHT_AGENT_HOME`', 'Hosts'],
      clis.map((cli) => [
        code(cli.name),
        listed(cli.credentials.map(({ name }) => name)),
        listed([...cli.baseUrls, ...cli.settings]),
        listed(cli.logins),
        listed([...new Set([...cli.hosts, ...cli.credentials.flatMap(({ hosts }) => hosts)])]),
      ]),
    ),
    '## How each is started',
    table(
      ['`agent`', 'Line', 'Prompt', 'Output', 'Documentation'],
      clis.map((cli) => [
        code(cli.name),
        cli.program === null
          ? 'the shell runs your `command`'
          : code([cli.program, ...cli.start, ...cli.args, ...cli.approve, ...cli.prompt.args].join(' ')),
        { stdin: 'standard input', argument: 'argument', file: 'file' }[cli.prompt.by],
        cli.output.format,
        cli.docs
          .map((page, at) => (page.startsWith('https:') ? `[${at + 1}](${page})` : 'this page'))
          .join(' '),
      ]),
    ),
  ].join('\n\n');
}

function toolsOf({ tools }: AgentCli): string {
  const lists = (['allow', 'deny'] as const).filter((list) => tools?.[list] !== undefined);
  return lists.length === 0 ? '–' : lists.map(code).join(', ');
}

function reportsOf({ output }: AgentCli): string {
  const tokens = TOKEN_CLASSES.filter((name) => output.counts[name] !== undefined);
  const found = [
    ...(tokens.length === 0 ? [] : [tokens.length === 1 ? 'output tokens' : 'tokens']),
    ...(output.counts.costUsd === undefined ? [] : ['cost']),
    ...(output.format === 'text' || output.names.session === undefined ? [] : ['session']),
  ];
  return found.length === 0 ? '–' : found.join(', ');
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? '–' : names.map(code).join(' ');
}

function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
