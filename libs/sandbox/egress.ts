import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEgressProxy } from './egress-proxy.js';
import type { ProcessRequest } from './process-runner.js';

type Run = ProcessRequest['run'];

/** What a run is given so that it reaches the hosts of a list. */
export interface Egress {
  /** Starts what was to be run, beside a forwarder. */
  readonly run: Run;
  /** Shown to it: the folder with the socket, and the program that forwards. */
  readonly readable: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** Of the network inside, where nothing else listens. */
const PROXY_PORTS = [3_128, 3_129, 8_118] as const;

/**
 * Lends a way to the hosts of a list for as long as `work` takes. The process itself has no network: inside, a forwarder
 * listens on loopback and leads to the socket of a proxy outside, which alone knows the list.
 */
export async function withEgress<T>(
  hosts: readonly string[],
  run: Run,
  work: (egress: Egress) => Promise<T>,
): Promise<T> {
  // The name of a socket has about a hundred characters: too few for a place in the data folder.
  const folder = await mkdtemp(join(tmpdir(), 'planwright-egress-'));
  try {
    const socket = join(folder, 'socket');
    const proxy = await openEgressProxy(socket, hosts);
    try {
      const taken = proxy.loopback.map(({ port }) => port);
      const port = PROXY_PORTS.find((candidate) => !taken.includes(candidate)) ?? PROXY_PORTS[0];
      const url = `http://127.0.0.1:${port}`;
      const settings = { socket, port, loopback: proxy.loopback, argv: argvOf(run) };
      return await work({
        run: { argv: [process.execPath, '-e', FORWARDER, '--', JSON.stringify(settings)] },
        readable: [folder, process.execPath],
        variables: {
          ...Object.fromEntries(PROXY_VARIABLES.map((name) => [name, url])),
          ...Object.fromEntries(DIRECT_VARIABLES.map((name) => [name, 'localhost,127.0.0.1,::1'])),
          NODE_USE_ENV_PROXY: '1',
        },
      });
    } finally {
      await proxy.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'];
const DIRECT_VARIABLES = ['NO_PROXY', 'no_proxy'];

function argvOf(run: Run): readonly string[] {
  return 'command' in run ? ['/bin/sh', '-c', run.command] : run.argv;
}

/**
 * Runs inside, by the program that runs us: listens on the port of the proxy, and on each port of the machine's own that
 * the list names, then starts the process and ends as it does. What listens on loopback inside is the run's own, so a
 * client that knows no proxy finds a granted address where it expects it.
 */
const FORWARDER = `
const net = require('node:net'), { spawn } = require('node:child_process'), os = require('node:os');
const { socket, port, loopback, argv } = JSON.parse(process.argv[1]);
const join = (a, b) => {
  a.pipe(b); b.pipe(a);
  for (const [one, other] of [[a, b], [b, a]]) one.on('error', () => other.destroy()).on('close', () => other.destroy());
};
const ask = (target) => (client) => {
  const up = net.connect(socket);
  if (target === null) return join(client, up);
  client.on('error', () => up.destroy());
  up.on('error', () => client.destroy());
  up.write('CONNECT ' + target + ' HTTP/1.1\\r\\nHost: ' + target + '\\r\\n\\r\\n');
  let seen = Buffer.alloc(0);
  const read = (chunk) => {
    seen = Buffer.concat([seen, chunk]);
    const end = seen.indexOf('\\r\\n\\r\\n');
    if (end < 0) return;
    up.off('data', read);
    up.pause();
    if (!seen.toString('latin1', 0, end).startsWith('HTTP/1.1 200')) return client.destroy();
    client.write(seen.subarray(end + 4));
    join(client, up);
  };
  up.on('data', read);
};
const listen = (host, at, target) => new Promise((resolve) => {
  const server = net.createServer(ask(target));
  server.on('error', resolve);
  server.listen(at, host, resolve);
});
const places = loopback.flatMap(({ host, port: at }) => {
  const target = (host.includes(':') ? '[' + host + ']' : host) + ':' + at;
  return (host === 'localhost' ? ['127.0.0.1', '::1'] : [host]).map((address) => listen(address, at, target));
});
Promise.all([listen('127.0.0.1', port, null), ...places]).then(() => {
  // It ends when the process does, and with what it ended.
  for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(name, () => undefined);
  const child = spawn(argv[0], argv.slice(1), { stdio: 'inherit' });
  child.on('error', (error) => { console.error(error.message); process.exit(127); });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + os.constants.signals[signal]));
});
`;
