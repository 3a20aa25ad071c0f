import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * The network between a worker and a server. While it is cut nothing passes and nobody is told: what was sent waits, as in
 * the buffers of a real network.
 */
export class PausingProxy {
  private readonly sockets = new Set<Socket>();
  private isCut = false;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  /** @param target the address of the server, which listens on the loopback */
  static async to(target: string): Promise<PausingProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new PausingProxy(server, new URL(target));
    server.on('connection', (near) => proxy.join(near));
    return proxy;
  }

  /** The server's address through this proxy. */
  get url(): string {
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  cut(): void {
    this.isCut = true;
    for (const socket of this.sockets) socket.pause();
  }

  heal(): void {
    this.isCut = false;
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket): void {
    const far = connect(Number(this.target.port), this.target.hostname);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => to.destroy());
      from.once('close', () => {
        this.sockets.delete(from);
        to.end();
      });
      from.on('data', (chunk) => to.write(chunk));
      if (this.isCut) from.pause();
    }
  }
}
