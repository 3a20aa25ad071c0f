import type { AgentCli, Arguments } from '#contracts/agents/agent-cli.js';
import { EgressRules } from '#sandbox/egress-rules.js';

/** Looks at every entry once, before any is used. @throws Error with everything that contradicts itself */
export function checkTable(table: Readonly<Record<string, AgentCli>>): void {
  const problems = Object.entries(table).flatMap(([name, cli]) =>
    entryProblems(cli)
      .concat(cli.name === name ? [] : [`is listed as ${name}`])
      .map((problem) => `${cli.name}: ${problem}`),
  );
  if (problems.length > 0) throw new Error(`The table of agents is wrong:\n${problems.join('\n')}`);
}

function entryProblems(cli: AgentCli): string[] {
  return [
    ...placeProblems(
      'prompt',
      cli.prompt.args,
      { stdin: [], argument: ['prompt'], file: ['file'] }[cli.prompt.by],
    ),
    ...placeProblems('args', cli.args, [], ['home']),
    ...placeProblems('model', cli.model?.args, ['model']),
    ...placeProblems('effort', cli.effort?.args, ['effort']),
    ...placeProblems('tools.allow', cli.tools?.allow?.args, ['tools']),
    ...placeProblems('tools.deny', cli.tools?.deny?.args, ['tools']),
    ...(cli.resume === undefined
      ? []
      : placeProblems('resume', [...cli.resume.start, ...cli.resume.args], ['session'])),
    ...placeProblems('resume.file', cli.resume?.file?.split('/'), ['folder', 'session']),
    ...placeProblems('hooks', cli.hooks?.args, ['settings']),
    ...cli.quota.flatMap(({ pattern }) => patternProblems('quota', pattern)),
    ...(cli.output.format === 'text'
      ? Object.values(cli.output.counts).flatMap(({ pattern }) => patternProblems('counts', pattern, 'value'))
      : cli.output.failures.flatMap(({ pattern }) => patternProblems('failures', pattern ?? ''))),
    ...hostProblems(cli),
    ...[...cli.logins, ...cli.litter, ...(cli.resume?.file === undefined ? [] : [cli.resume.file])]
      .filter((name) => name.startsWith('/') || name.split('/').includes('..'))
      .map((name) => `${name} leads out of its folder`),
    ...(cli.docs.length === 0 ? ['it names no documentation'] : []),
  ];
}

/** Each place that is needed is there, and no other. */
function placeProblems(
  field: string,
  args: Arguments | undefined,
  needed: readonly string[],
  allowed: readonly string[] = [],
): string[] {
  if (args === undefined) return [];
  const found = args.flatMap((arg) => [...arg.matchAll(/\{(\w+)\}/g)].map(([, place]) => place ?? ''));
  return [
    ...needed.filter((place) => !found.includes(place)).map((place) => `${field} has no {${place}}`),
    ...found
      .filter((place) => !needed.includes(place) && !allowed.includes(place))
      .map((place) => `${field} has {${place}}, which means nothing there`),
  ];
}

function patternProblems(field: string, pattern: string, group?: string): string[] {
  try {
    new RegExp(pattern, 'im');
  } catch (error) {
    return [`${field}: ${(error as Error).message}`];
  }
  return group === undefined || pattern.includes(`(?<${group}>`) ? [] : [`${field} has no group ${group}`];
}

function hostProblems({ hosts, credentials }: AgentCli): string[] {
  try {
    new EgressRules([...hosts, ...credentials.flatMap((credential) => credential.hosts)]);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
