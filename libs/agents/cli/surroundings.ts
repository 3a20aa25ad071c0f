import { isIP } from 'node:net';
import type { AgentCli } from '#contracts/agents/agent-cli.js';

/** What of the worker's machine an agent may have. */
export interface AgentSettings {
  /** The worker's own variables; an agent is given those that its entry names, and no other. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Hosts that every agent may reach beside those of its model. */
  readonly hosts: readonly string[];
  /** A home folder from which the files that an entry names are copied; null: none is. */
  readonly loginHome: string | null;
}

export interface Surroundings {
  readonly variables: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  /** Values that must not be shown, with the variable that holds each. */
  readonly secrets: readonly { readonly name: string; readonly value: string }[];
}

/** What an agent is given of the worker's variables, and which hosts follow from them. */
export function surroundingsOf(cli: AgentCli, settings: AgentSettings): Surroundings {
  const { environment } = settings;
  const isSet = (name: string) => (environment[name] ?? '') !== '';
  const credentials = cli.credentials.filter(({ name }) => isSet(name));
  const baseUrls = cli.baseUrls.filter(isSet);
  const handedOn = [...credentials.map(({ name }) => name), ...baseUrls, ...cli.settings.filter(isSet)];
  const hosts = [
    ...cli.hosts,
    ...credentials.flatMap((credential) => credential.hosts),
    ...baseUrls.flatMap((name) => authorityOf(environment[name] ?? '')),
    ...settings.hosts,
  ];
  return {
    variables: {
      ...cli.environment,
      ...Object.fromEntries(handedOn.map((name) => [name, environment[name] ?? ''])),
    },
    hosts: [...new Set(hosts)],
    secrets: credentials.map(({ name }) => ({ name, value: environment[name] ?? '' })),
  };
}

/** Host and port of an address; nothing where it is none. */
function authorityOf(text: string): string[] {
  const address = /^https?:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(address)) return [];
  const { protocol, hostname, port } = new URL(address);
  const bare = hostname.replace(/^\[|\]$/g, '');
  const host = isIP(bare) === 6 ? `[${bare}]` : bare;
  return [`${host}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`];
}

/** The text without the values of secrets. */
export function redacted(text: string, secrets: Surroundings['secrets']): string {
  // A short value would take words out of the text; no key is that short.
  return secrets
    .filter(({ value }) => value.length >= 8)
    .reduce((shown, { name, value }) => shown.replaceAll(value, `[${name}]`), text);
}
