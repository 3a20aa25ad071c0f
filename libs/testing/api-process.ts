import { spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { installToken, installWorkerToken } from '#platform/home/token.js';
import { createHome } from '#platform/home/home.js';
import { createParser } from 'eventsource-parser';
import { TemporaryFolder, TEST_PATH } from './git-repositories.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  /** Empty when the answer has none. */
  readonly body: Record<string, unknown>;
  readonly text: string;
}

export interface StreamedEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** The compiled API as a process of its own, on a database and a data folder of its own. */
export class ApiProcess {
  private constructor(
    readonly url: string,
    readonly token: string,
    /** Opens the hubs. */
    readonly workerToken: string,
    /** The data folder. */
    readonly home: string,
    readonly folder: TemporaryFolder,
    readonly database: TestDatabase,
    /** What it has logged, as it wrote it. */
    readonly log: readonly string[],
    private readonly child: ChildProcess,
  ) {}

  /** @param env variables over those that every API process needs */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<ApiProcess> {
    const folder = await TemporaryFolder.create();
    const home = await createHome(join(folder.path, 'home'));
    const token = await installToken(home);
    const workerToken = await installWorkerToken(home);
    const database = await createTestDatabase();
    const child = spawn(process.execPath, [resolve('dist/apps/api/main.js')], {
      env: {
        PATH: TEST_PATH,
        DATABASE_URL: database.url,
        PLANWRIGHT_HOME: home.root,
        PLANWRIGHT_API_PORT: '0',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const log: string[] = [];
    const url = await readyUrl(child, log);
    return new ApiProcess(url, token, workerToken, home.root, folder, database, log, child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGTERM');
    await ended;
    await this.database.drop();
    await this.folder.remove();
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send(path, { headers });
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.change('POST', path, body, headers);
  }

  patch(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.change('PATCH', path, body, headers);
  }

  delete(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.change('DELETE', path, undefined, headers);
  }

  /** The first events of a stream, which is then left. */
  async stream(path: string, count: number, headers: Record<string, string> = {}): Promise<StreamedEvent[]> {
    const leave = new AbortController();
    const response = await fetch(`${this.url}${path}`, { headers, signal: leave.signal });
    const events: StreamedEvent[] = [];
    const parser = createParser({ onEvent: ({ id, event, data }) => events.push({ id, event, data }) });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
      if (events.length >= count) break;
    }
    leave.abort();
    return events.slice(0, count);
  }

  /** Sends JSON with the token; without a body, neither body nor type. */
  private change(method: string, path: string, body: unknown, more: Record<string, string>): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.token}`, ...more };
    if (body === undefined) return this.send(path, { method, headers });
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.send(path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    });
  }

  private async send(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, init);
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const body = type.includes('json') ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, type, headers: response.headers, body, text };
  }
}

/** @param log is given what it writes, from then on too */
async function readyUrl(child: ChildProcess, log: string[]): Promise<string> {
  if (child.stdout === null) throw new Error('the API has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    log.push(line);
    const entry = JSON.parse(line) as { msg?: string; url?: string };
    if (entry.msg === 'ready' && entry.url !== undefined) {
      child.stdout.on('data', (piece: Buffer) => log.push(piece.toString()));
      return entry.url;
    }
  }
  throw new Error(`the API ended before it was ready:\n${log.join('\n')}`);
}
