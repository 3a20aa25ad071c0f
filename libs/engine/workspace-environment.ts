import { SetupFailed } from './ports/setup.port.js';

type Variables = Readonly<Record<string, string>>;

const REFERENCE = /\$\{(PLANWRIGHT_[A-Z0-9_]*)\}/g;

/**
 * What runs in a workspace may know: what the workspace was given, and the set-up's variables, in which
 * `${PLANWRIGHT_…}` is replaced. What the workspace was given cannot be overwritten.
 *
 * @throws SetupFailed when a variable refers to one that does not exist
 */
export function workspaceEnvironment(slot: Variables, env: Variables): Variables {
  const expanded = Object.entries(env).map(([name, value]) => [
    name,
    value.replace(REFERENCE, (_, reference: string) => slot[reference] ?? refuse(name, reference, slot)),
  ]);
  return { ...(Object.fromEntries(expanded) as Variables), ...slot };
}

/** The set-up's variables that are the same in every workspace: what the commands make is shared, so they know no others. */
export function commonVariables(env: Variables): Variables {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value.search(REFERENCE) < 0));
}

function refuse(name: string, reference: string, slot: Variables): never {
  const known = Object.keys(slot).filter((key) => key.startsWith('PLANWRIGHT_'));
  const message = `The variable ${name} of the set-up refers to \${${reference}}, which does not exist. Use ${known.join(', ')}.`;
  throw new SetupFailed(message, 1, '');
}
