import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { HubServer, type HubService } from '#git/hub-server.js';
import { TEST_PATH } from './git-repositories.js';

const ROUTE = /^\/([\w-]+)\/([\w-]+)\.git\/(?:info\/refs\?service=)?(git-upload-pack|git-receive-pack)$/;

/**
 * Private repositories as a forge has them: git's smart HTTP on the loopback address, which lets in who shows the right
 * name and password. The repository `<owner>/<name>` lies at `<folder>/<name>.git`.
 */
export class PrivateGitServer {
  /** What clients sent as `Authorization`; null: nothing. */
  readonly shown: (string | null)[] = [];

  private constructor(
    private readonly server: Server,
    private readonly repositories: HubServer,
    private readonly secret: string,
  ) {}

  /** @param secret `user:password` */
  static async start(folder: string, secret: string): Promise<PrivateGitServer> {
    const repositories = new HubServer({
      home: join(folder, 'server'),
      hubBase: folder,
      path: TEST_PATH,
      bodyLimitBytes: 2 ** 26,
      concurrency: 4,
    });
    const server = createServer();
    const started = new PrivateGitServer(server, repositories, secret);
    server.on('request', (request, response) => {
      started.answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  /** @param user in front of the host, as some people write it */
  url(name: string, user = ''): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://${user === '' ? '' : `${user}@`}127.0.0.1:${port}/${name}.git`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { authorization = null, 'content-type': type, 'content-length': length } = request.headers;
    this.shown.push(authorization);
    const wanted = `Basic ${Buffer.from(this.secret).toString('base64')}`;
    if (authorization !== wanted) {
      // A server that repeats what it was shown: nobody may pass that on.
      response.writeHead(401, {
        'www-authenticate': 'Basic realm="private"',
        'x-shown': authorization ?? '',
      });
      response.end(`remote: no entry with ${authorization ?? 'nothing'}`);
      return;
    }
    const [, , repositoryId = '', service = ''] = ROUTE.exec(request.url ?? '') ?? [];
    const { 'content-encoding': encoding, 'git-protocol': protocol } = request.headers;
    const { status, headers, body } = await this.repositories.serve({
      repositoryId,
      service: service as HubService,
      step: request.method === 'GET' ? 'refs' : 'pack',
      writable: ['refs/heads'],
      headers: { type, encoding, length, protocol: typeof protocol === 'string' ? protocol : undefined },
      body: request,
      gone: new AbortController().signal,
    });
    response.writeHead(status, Object.fromEntries(headers));
    body.pipe(response);
  }
}
