import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ForgePull {
  readonly number: number;
  readonly head: string;
  readonly base: string;
  title: string;
  body: string;
  state: 'open' | 'closed';
}

const ROUTE = /^\/repos\/([\w.-]+)\/([\w.-]+)\/pulls(?:\/(\d+))?$/;

/** A forge that answers like GitHub, as far as pull requests go: it checks who asks, and what it is sent. */
export class ScriptedForge {
  readonly pulls: ForgePull[] = [];
  /** `METHOD path` of every request. */
  readonly asked: string[] = [];
  /** The next answers, instead of what the forge would say. */
  readonly script: { readonly status: number; readonly body: unknown }[] = [];

  private constructor(
    private readonly server: Server,
    private readonly token: string,
    private readonly branches: () => Promise<readonly string[]>,
  ) {}

  /** @param branches of the one repository that it has */
  static async start(token: string, branches: () => Promise<readonly string[]>): Promise<ScriptedForge> {
    const server = createServer();
    const started = new ScriptedForge(server, token, branches);
    server.on('request', (request, response) => {
      started
        .answer(request, response)
        .catch((error: unknown) => send(response, 500, { message: String(error) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/api/v3`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', this.url);
    const path = url.pathname.replace(/^\/api\/v3/, '');
    this.asked.push(`${request.method} ${path}`);
    const text = await bodyOf(request);
    const scripted = this.script.shift();
    if (scripted !== undefined) return send(response, scripted.status, scripted.body);
    if (request.headers.authorization !== `Bearer ${this.token}`)
      return send(response, 401, { message: `Bad credentials: ${request.headers.authorization}` });
    const [, owner, , number] = ROUTE.exec(path) ?? [];
    if (owner !== 'acme') return send(response, 404, { message: 'Not Found' });
    if (request.method === 'GET') return send(response, 200, this.list(url.searchParams));
    const sent = JSON.parse(text) as Partial<ForgePull>;
    const wrong = problemOf(sent, await this.branches(), request.method === 'POST');
    if (wrong !== null)
      return send(response, 422, { message: 'Validation Failed', errors: [{ message: wrong }] });
    if (request.method === 'POST') return this.open(response, sent as ForgePull);
    const pull = this.pulls.find((each) => each.number === Number(number));
    if (pull === undefined) return send(response, 404, { message: 'Not Found' });
    Object.assign(pull, { title: sent.title, body: sent.body });
    send(response, 200, shown(pull));
  }

  private list(query: URLSearchParams): object[] {
    const [, head] = (query.get('head') ?? '').split(':');
    return this.pulls
      .filter(
        (pull) => pull.state === query.get('state') && pull.head === head && pull.base === query.get('base'),
      )
      .map(shown);
  }

  private open(response: ServerResponse, { head, base, title, body }: ForgePull): void {
    const isThere = this.pulls.some(
      (pull) => pull.state === 'open' && pull.head === head && pull.base === base,
    );
    if (isThere) {
      const message = `A pull request already exists for acme:${head}.`;
      return send(response, 422, { message: 'Validation Failed', errors: [{ message }] });
    }
    const pull: ForgePull = { number: this.pulls.length + 1, head, base, title, body, state: 'open' };
    this.pulls.push(pull);
    send(response, 201, shown(pull));
  }
}

function problemOf(sent: Partial<ForgePull>, branches: readonly string[], isNew: boolean): string | null {
  if (typeof sent.title !== 'string' || sent.title === '' || sent.title.length > 256)
    return 'title is invalid';
  if (typeof sent.body !== 'string' || sent.body.length > 65_536) return 'body is too long';
  const gone = isNew ? [sent.head, sent.base].find((branch) => !branches.includes(branch ?? '')) : undefined;
  return gone === undefined ? null : `${gone} is no branch`;
}

function shown({ number, state, title }: ForgePull): object {
  return { number, state, title, html_url: `https://forge.example/acme/demo/pull/${number}` };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
