import { isUrl } from './names.js';

/** What opens remote origins over HTTP; given to the one process that talks to origins. */
export interface OriginCredentials {
  /** For every host that none of the others is for: `token` or `user:password`. */
  readonly token: string | null;
  /** By host, or host and port. */
  readonly tokens: ReadonlyMap<string, string>;
  /** A credential helper, as git's `credential.helper` names it. */
  readonly helper: string | null;
}

export const NO_CREDENTIALS: OriginCredentials = { token: null, tokens: new Map(), helper: null };

/** The name that forges take for whoever shows a token. */
const TOKEN_USER = 'x-access-token';
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * Settings of git for one origin. They hold secrets: they go by environment, never by arguments. A secret is sent to the
 * origin's own address and followed nowhere else, and never unencrypted over a network.
 */
export function credentialSettings(
  location: string,
  { token, tokens, helper }: OriginCredentials,
): readonly (readonly [string, string])[] {
  if (!isUrl(location) || !URL.canParse(location)) return [];
  const { protocol, host, hostname } = new URL(location);
  if (protocol !== 'https:' && !(protocol === 'http:' && LOOPBACK.test(hostname))) return [];
  const secret = tokens.get(host) ?? tokens.get(hostname) ?? token;
  const helpers = helper === null ? [] : [['credential.helper', helper] as const];
  if (secret === null) return helpers;
  const header = `Authorization: Basic ${encoded(secret)}`;
  return [['http.followRedirects', 'false'], [`http.${protocol}//${host}/.extraHeader`, header], ...helpers];
}

/** The text without any of the secrets, as they are and as they are sent. */
export function withoutSecrets(text: string, { token, tokens }: OriginCredentials): string {
  const secrets = [...(token === null ? [] : [token]), ...tokens.values()];
  return secrets
    .flatMap((secret) => [encoded(secret), secret, ...secret.split(':').slice(1)])
    .filter((part) => part !== '')
    .reduce((hidden, part) => hidden.replaceAll(part, '***'), text);
}

function encoded(secret: string): string {
  return Buffer.from(secret.includes(':') ? secret : `${TOKEN_USER}:${secret}`).toString('base64');
}
