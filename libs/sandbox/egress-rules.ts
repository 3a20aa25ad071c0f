import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** A host and port that may be reached. */
export interface Grant {
  readonly host: string;
  readonly port: number;
  /** The list names this very address of the machine itself. */
  readonly loopback: boolean;
}

const HTTPS = 443;
const NAME = /^(\*\.)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;

/** A list of hosts: `name` and `*.name` on the port of HTTPS, `name:port`, `address:port`, `[address]:port`. */
export class EgressRules {
  private readonly names = new Set<string>();
  private readonly suffixes: string[] = [];
  private readonly exact = new Set<string>();

  /** @throws Error that names an entry that is none */
  constructor(list: readonly string[]) {
    for (const entry of list) this.add(entry.trim().toLowerCase());
  }

  /** Addresses of the machine itself that the list names. */
  loopback(): Grant[] {
    return [...this.exact].map(split).flatMap((place) => (place?.loopback === true ? [place] : []));
  }

  /** What of an address `host:port` that somebody asks for is granted; null: nothing. */
  find(authority: string): Grant | null {
    const place = split(authority.toLowerCase());
    if (place === null) return null;
    const { host, port } = place;
    if (this.exact.has(`${host}:${port}`)) return place;
    if (port !== HTTPS || isIP(host) !== 0 || place.loopback) return null;
    const listed = this.names.has(host) || this.suffixes.some((suffix) => host.endsWith(suffix));
    return listed ? place : null;
  }

  private add(entry: string): void {
    if (NAME.test(entry) && isIP(entry) === 0) {
      if (entry.startsWith('*.')) this.suffixes.push(entry.slice(1));
      else this.names.add(entry);
      return;
    }
    const place = split(entry);
    if (place === null || (isIP(place.host) === 0 && !NAME.test(place.host)) || place.host.startsWith('*'))
      throw new Error(`${entry} is no host: write name, *.name or name:port.`);
    this.exact.add(`${place.host}:${place.port}`);
  }
}

/** Host, without brackets or a last dot, and port; null where there is none. */
function split(authority: string): Grant | null {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+)):(\d{1,5})$/.exec(authority);
  const host = (found?.[1] ?? found?.[2])?.replace(/\.$/, '');
  const port = Number(found?.[3]);
  if (host === undefined || port < 1 || port > 65_535) return null;
  return { host, port, loopback: host === 'localhost' || (isIP(host) !== 0 && isOfThisMachine(host)) };
}

const SPECIAL = new BlockList();
SPECIAL.addSubnet('0.0.0.0', 8, 'ipv4');
SPECIAL.addSubnet('127.0.0.0', 8, 'ipv4');
SPECIAL.addSubnet('169.254.0.0', 16, 'ipv4');
SPECIAL.addAddress('::', 'ipv6');
SPECIAL.addAddress('::1', 'ipv6');
SPECIAL.addSubnet('fe80::', 10, 'ipv6');

/** Loopback, link-local (also where clouds keep their metadata), or an address of one of its interfaces. */
export function isOfThisMachine(address: string): boolean {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  if (/^::ffff:/.test(plain)) return true;
  const own = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return (
    SPECIAL.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4') || own.some((entry) => entry.address === plain)
  );
}
