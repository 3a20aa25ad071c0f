import { AGENT_NAMES, type AgentCli, type AgentEffort, type AgentName } from './agent-cli.js';
import { AGENT_CLIS } from './table.js';

/** What a plan asks of an agent. */
export interface AgentFile {
  readonly name: AgentName;
  readonly model?: string;
  readonly effort?: AgentEffort;
  readonly tools?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] };
  /** Id of a session to go on with. */
  readonly resume?: string;
  readonly args?: readonly string[];
  /** A line for the shell, for `own`. */
  readonly command?: string;
}

/** One thing that a plan asks and the agent cannot do, at a key of the executor. */
export interface AgentProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/** Everything that a plan asks of an agent and its command line cannot do: nothing is ever left out silently. */
export function agentProblems(file: AgentFile): AgentProblem[] {
  const cli = AGENT_CLIS[file.name];
  return [
    ...commandProblems(file, cli),
    ...(file.model !== undefined && cli.model === undefined
      ? [cannot(['model'], cli, 'cannot be told which model to use', ({ model }) => model !== undefined)]
      : []),
    ...effortProblems(file, cli),
    ...(['allow', 'deny'] as const).flatMap((list) =>
      file.tools?.[list] !== undefined && cli.tools?.[list] === undefined
        ? [
            cannot(
              ['tools', list],
              cli,
              list === 'allow'
                ? 'cannot be told which tools it may use'
                : 'cannot be told which tools it may not use',
              ({ tools }) => tools?.[list] !== undefined,
            ),
          ]
        : [],
    ),
    ...resumeProblems(file, cli),
  ];
}

function commandProblems({ command }: AgentFile, cli: AgentCli): AgentProblem[] {
  if (cli.program === null)
    return command === undefined
      ? [
          {
            path: ['command'],
            message: `is required for agent ${cli.name}: the line that starts your script`,
          },
        ]
      : [];
  const message = `is for agent own; ${cli.title} is started as ${cli.program}`;
  return command === undefined ? [] : [{ path: ['command'], message }];
}

function effortProblems({ effort }: AgentFile, cli: AgentCli): AgentProblem[] {
  if (effort === undefined) return [];
  if (cli.effort === undefined)
    return [
      cannot(['effort'], cli, 'cannot be told how hard to think', (other) => other.effort !== undefined),
    ];
  if (cli.effort.levels.includes(effort)) return [];
  return [{ path: ['effort'], message: `${cli.title} knows ${cli.effort.levels.join(', ')}` }];
}

function resumeProblems({ resume }: AgentFile, cli: AgentCli): AgentProblem[] {
  if (resume === undefined || cli.resume?.kept === 'service') return [];
  const why =
    cli.resume === undefined
      ? 'cannot go on with a session'
      : 'keeps its sessions in its home folder, which every attempt has anew';
  return [cannot(['resume'], cli, why, (other) => other.resume?.kept === 'service')];
}

/** Says which agents could. */
function cannot(
  path: readonly string[],
  cli: AgentCli,
  why: string,
  can: (other: AgentCli) => boolean,
): AgentProblem {
  const others = AGENT_NAMES.filter((name) => can(AGENT_CLIS[name]));
  return {
    path,
    message: `${cli.title} ${why}: leave it out, or use ${others.join(', ')}`,
  };
}
