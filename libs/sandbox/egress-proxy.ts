import { lookup } from 'node:dns/promises';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { EgressRules, isOfThisMachine, type Grant } from './egress-rules.js';

export interface EgressProxy {
  /** Addresses of this machine that the list names: they answer inside under the same port. */
  readonly loopback: readonly Grant[];
  close(): Promise<void>;
}

interface Refusal {
  readonly status: 403 | 502;
  readonly why: string;
}

const CONNECT_MS = 30_000;

/**
 * A proxy on a unix socket that leads to the hosts of a list and nowhere else: CONNECT, and plain HTTP for addresses
 * that the list names with their port. It looks names up itself, and connects to what it found; a name that leads to
 * this machine leads nowhere. TLS goes through untouched.
 *
 * @throws Error where an entry of the list is none
 */
export async function openEgressProxy(socketPath: string, hosts: readonly string[]): Promise<EgressProxy> {
  const rules = new EgressRules(hosts);
  const open = new Set<Duplex>();
  const hold = (socket: Duplex) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // A connection that breaks is ended; whoever holds the other end sees it.
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((incoming, response) => void forward(rules, incoming, response));
  server.on('connection', hold);
  server.on('connect', (incoming: IncomingMessage, client: Socket, head: Buffer) => {
    void tunnel(rules, incoming.url ?? '', client, head, hold);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  return {
    loopback: rules.loopback(),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

async function tunnel(
  rules: EgressRules,
  authority: string,
  client: Socket,
  head: Buffer,
  hold: (socket: Duplex) => void,
): Promise<void> {
  const upstream = await reach(rules, authority);
  if (!('remoteAddress' in upstream)) {
    const { status, why } = upstream;
    client.end(`HTTP/1.1 ${status} ${status === 403 ? 'Forbidden' : 'Bad Gateway'}\r\n\r\n${why}\n`);
    return;
  }
  hold(upstream);
  if (client.destroyed) return void upstream.destroy();
  client.write('HTTP/1.1 200 Connection established\r\n\r\n');
  if (head.length > 0) upstream.write(head);
  client.pipe(upstream).pipe(client);
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => client.destroy());
}

async function forward(
  rules: EgressRules,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refuse = ({ status, why }: Refusal) => void response.writeHead(status).end(`${why}\n`);
  const url = URL.canParse(incoming.url ?? '') ? new URL(incoming.url ?? '') : null;
  if (url?.protocol !== 'http:') return refuse({ status: 403, why: 'Only hosts of the list are reached.' });
  const upstream = await reach(rules, `${url.hostname}:${url.port === '' ? 80 : url.port}`);
  if (!('remoteAddress' in upstream)) return refuse(upstream);
  const { 'proxy-connection': _, 'proxy-authorization': __, ...headers } = incoming.headers;
  const outgoing = request({
    createConnection: () => upstream,
    method: incoming.method,
    path: `${url.pathname}${url.search}`,
    headers: { ...headers, host: url.host, connection: 'close' },
  });
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', (error) =>
    response.headersSent ? response.destroy() : refuse({ status: 502, why: error.message }),
  );
  response.once('close', () => upstream.destroy());
  incoming.pipe(outgoing);
}

/** A connection to an address that the list grants, or why there is none. */
async function reach(rules: EgressRules, authority: string): Promise<Socket | Refusal> {
  const grant = rules.find(authority);
  if (grant === null)
    return { status: 403, why: `${authority} is not on the list of hosts that this process may reach.` };
  const { host, port } = grant;
  try {
    const address = await addressOf(grant);
    if (address === null) return { status: 403, why: `${host} leads to the machine itself.` };
    return await connected(address, port);
  } catch (error) {
    return { status: 502, why: `${authority} cannot be reached: ${(error as Error).message}` };
  }
}

async function addressOf({ host, loopback }: Grant): Promise<string | null> {
  if (isIP(host) !== 0) return host;
  const found = await lookup(host, { all: true });
  const allowed = found.find(({ address }) => loopback || !isOfThisMachine(address));
  return allowed?.address ?? null;
}

function connected(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('it does not answer')));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
