import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { request as httpRequest, type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { GitPort } from '#engine/ports/git.port.js';
import { createGit } from '#git/git-adapter.js';
import { ApiProcess } from './api-process.js';
import { commitAll, createOrigin, git, TEST_PATH, writeFiles } from './git-repositories.js';
import { message } from './git-test-kit.js';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An API with one plan, whose hub is reached by HTTP. */
export class ServedHub {
  private constructor(
    readonly api: ApiProcess,
    readonly repositoryId: string,
    /** The commit the plan starts from. */
    readonly base: string,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<ServedHub> {
    const api = await ApiProcess.start(env);
    const files = { 'a.txt': 'a\n', 'b.txt': 'b\n' };
    const repository = await createOrigin(await api.folder.next('origin'), files);
    const tasks = [{ title: 'A', executor: { command: 'true' } }];
    const plan = { name: 'Demo', phases: [{ name: 'One', mode: 'manual', tasks }] };
    const { body } = await api.post('/api/plans', { repository, plan });
    return new ServedHub(api, (body['repository'] as { id: string }).id, String(body['baseCommit']));
  }

  /** Below the API's address. */
  get path(): string {
    return `/hub/${this.repositoryId}.git`;
  }

  get url(): string {
    return `${this.api.url}${this.path}`;
  }

  get folder(): string {
    return join(this.api.home, 'hubs', `${this.repositoryId}.git`);
  }

  /** Where git asks first. */
  refsPath(service = 'git-upload-pack'): string {
    return `${this.path}/info/refs?service=${service}`;
  }

  bearer(token = this.api.workerToken): Record<string, string> {
    return { authorization: `Bearer ${token}` };
  }

  /** The engine's git, as a worker of another host has it. */
  async worker(token = this.api.workerToken, home?: string): Promise<GitPort> {
    return createGit({
      home: home ?? (await this.api.folder.next('worker')),
      hubBase: `${this.api.url}/hub`,
      hubToken: token,
      path: TEST_PATH,
    });
  }

  /** One commit on another that writes a file of its name; it stays with the worker. */
  async candidate(port: GitPort, from: string, name: string): Promise<string> {
    const { repositoryId } = this;
    const workspace = await port.openWorkspace({ repositoryId, commit: from, pool: 'executor' });
    try {
      await writeFile(join(workspace.path, name), name);
      return (await workspace.commit(message(name))).commit;
    } finally {
      await workspace.release();
    }
  }

  /** Git as a person or another program would run it. */
  git(cwd: string, token: string, ...args: readonly string[]): Promise<Ran> {
    const env = {
      PATH: TEST_PATH,
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'http.extraHeader',
      GIT_CONFIG_VALUE_0: `Authorization: Bearer ${token}`,
    };
    return new Promise((resolve) => {
      execFile('git', [...args], { cwd, env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  /** A checkout of the base. */
  async clone(token = this.api.workerToken): Promise<string> {
    const path = await this.api.folder.next('clone');
    await mkdir(path);
    await git(path, 'init', '--quiet');
    const fetched = await this.git(path, token, 'fetch', '--quiet', this.url, this.base);
    if (fetched.code !== 0) throw new Error(fetched.stderr);
    await git(path, 'checkout', '--quiet', '-b', 'work', this.base);
    return path;
  }

  async refs(): Promise<string[]> {
    return (await git(this.folder, 'for-each-ref', '--format=%(refname)')).split('\n');
  }

  /** Sends the path as it is: `fetch` would tidy it up. */
  raw(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: Buffer,
  ): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const sent = this.open(method, path, headers);
      sent.on('error', reject);
      sent.on('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0, headers: answered } = response;
          resolve({ status: statusCode, headers: answered, body: Buffer.concat(pieces).toString('latin1') });
        });
      });
      sent.end(body);
    });
  }

  /** A request whose body the caller sends. */
  open(method: string, path: string, headers: Readonly<Record<string, string>>): ClientRequest {
    const { hostname, port } = new URL(this.api.url);
    return httpRequest({ hostname, port, method, path, headers });
  }

  /** Processes that work for hubs of this API now (Linux only). */
  async backends(): Promise<string[]> {
    const root = `GIT_PROJECT_ROOT=${join(this.api.home, 'hubs')}\0`;
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(
      pids.map(async (pid) => {
        const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
        const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
        return environment.includes(root) || cwd === this.folder ? [pid] : [];
      }),
    );
    return found.flat();
  }

  /** Folders of objects that were received and not yet taken. */
  async quarantines(): Promise<string[]> {
    return (await readdir(join(this.folder, 'objects'))).filter((name) => /tmp|incoming/.test(name));
  }
}

/** One line of git's protocol. */
export function packetLine(text: string): string {
  return `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
}

/** Commits one file in a checkout and returns the id. */
export async function commitFile(
  path: string,
  name: string,
  content: string | Buffer = name,
): Promise<string> {
  await writeFiles(path, { [name]: content });
  return commitAll(path, name);
}
