/** A repository of a forge, by its owner and name. */
export interface ForgeRepository {
  readonly owner: string;
  readonly name: string;
}

/** Where a forge is asked, and which origins are its own. */
export interface ForgePlace {
  /** Without a slash at its end. */
  readonly api: string;
  /** The name that is in origins. */
  readonly host: string;
}

export const GITHUB: ForgePlace = { api: 'https://api.github.com', host: 'github.com' };
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The forge behind a setting: github.com where it is empty. An address without a path is that of a GitHub of one's own,
 * whose API is below `/api/v3`.
 *
 * @returns null for what is no address that a token may be sent to: https, or this machine
 */
export function forgePlace(setting: string): ForgePlace | null {
  if (setting === '') return GITHUB;
  if (!URL.canParse(setting)) return null;
  const url = new URL(setting);
  const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
  if (!isSafe || url.username !== '' || url.password !== '' || url.search !== '') return null;
  if (url.hostname === 'api.github.com') return GITHUB;
  const path = url.pathname.replace(/\/+$/, '');
  return { api: `${url.origin}${path === '' ? '/api/v3' : path}`, host: url.hostname };
}

/** @returns null for an origin that is on this machine, or on another host: no token goes there */
export function forgeRepository(origin: string, { host }: ForgePlace): ForgeRepository | null {
  const scp = /^[\w.-]+@([\w.-]+):(?!\/)(.+)$/.exec(origin);
  const url = scp === null && URL.canParse(origin) ? new URL(origin) : null;
  const where = scp?.[1] ?? url?.hostname;
  if (where !== host || (url !== null && !/^(https?|ssh|git):$/.test(url.protocol))) return null;
  const path = (scp?.[2] ?? url?.pathname ?? '').replace(/^\/+|\/+$/g, '').replace(/\.git$/, '');
  const [owner = '', name = '', ...more] = path.split('/');
  const isName = (part: string): boolean => /^[\w.-]{1,100}$/.test(part) && !/^\.+$/.test(part);
  return more.length === 0 && isName(owner) && isName(name) ? { owner, name } : null;
}
