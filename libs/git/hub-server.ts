import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { DomainError } from '#domain/domain-error.js';
import { readCgiHead, type CgiHead } from './cgi-head.js';
import { exists, Hubs } from './hub.js';
import { GitRunner } from './runner.js';
import { Semaphore } from './semaphore.js';
import { removeStaleLocks } from './stale-lock.js';

export type HubService = 'git-upload-pack' | 'git-receive-pack';

export interface HubCall {
  readonly repositoryId: string;
  readonly service: HubService;
  /** `refs` lists what the hub has, `pack` exchanges objects and moves refs. */
  readonly step: 'refs' | 'pack';
  /** Refs below these can be pushed, all others are refused. */
  readonly writable: readonly string[];
  readonly headers: {
    readonly type: string | undefined;
    readonly encoding: string | undefined;
    readonly length: string | undefined;
    /** `Git-Protocol`. */
    readonly protocol: string | undefined;
  };
  readonly body: Readable;
  /** Aborted when the client has left. */
  readonly gone: AbortSignal;
}

export interface HubAnswer extends CgiHead {
  readonly body: Readable;
}

export interface HubServerConfig {
  /** Folder for git settings of ours. */
  readonly home: string;
  /** As `GitConfig.hubBase`; behind a URL there is nothing to serve. */
  readonly hubBase: string;
  /** PATH that git is found by. */
  readonly path: string;
  /** Largest body of a request, and largest pack. */
  readonly bodyLimitBytes: number;
  /** Git processes that serve at once; further requests wait. */
  readonly concurrency: number;
}

const MAX_WAITING = 256;
const RETRY_AFTER_SECONDS = 5;
/** Commands come before the pack, which has a limit of its own. */
const COMMANDS_BYTES = 1024 * 1024;
const KILL_AFTER_MS = 5_000;
/** A push that lost its client may be past its last byte: it is left to end by itself. */
const PUSH_GRACE_MS = 60_000;
const TAIL_CHARACTERS = 8_192;

/** Serves the hubs that lie on this machine by git's smart HTTP: git's own CGI program, one process per request. */
export class HubServer {
  private readonly runner: GitRunner;
  private readonly hubs: Hubs;
  private readonly turns: Semaphore;

  constructor(private readonly config: HubServerConfig) {
    this.runner = new GitRunner({ home: resolve(config.home), path: config.path });
    this.hubs = new Hubs(config.hubBase);
    this.turns = new Semaphore(config.concurrency, MAX_WAITING);
  }

  /**
   * Answers one request; bodies are streamed both ways. The answer's body must be read to its end.
   *
   * @throws DomainError `not_found`, `too_large`, `unavailable`
   */
  async serve(call: HubCall): Promise<HubAnswer> {
    const { path } = this.hubs.of(call.repositoryId);
    if (path === null || !(await exists(path)))
      throw new DomainError('not_found', `There is no hub of a repository ${call.repositoryId} here.`);
    const { bodyLimitBytes: limit } = this.config;
    if (Number(call.headers.length ?? 0) > limit + COMMANDS_BYTES)
      throw new DomainError('too_large', `A push to the hub has at most ${limit} bytes.`, {
        remedy: 'Raise PLANWRIGHT_HUB_LIMIT_MB of the API.',
      });
    const giveBack = await this.turns.take(call.gone);
    if (giveBack === null)
      throw new DomainError('unavailable', 'Too many requests wait for the hub.', {
        remedy: 'Try again.',
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    let backend: Backend;
    try {
      backend = new Backend(await this.start(call, path), call, limit + COMMANDS_BYTES);
    } catch (error) {
      giveBack();
      throw error;
    }
    void backend.ended.then(async () => {
      const locked = backend.lockedRefs();
      if (locked.length > 0) await removeStaleLocks(path, locked).catch(() => false);
      giveBack();
    });
    return backend.answer();
  }

  private start(call: HubCall, path: string): Promise<ChildProcessWithoutNullStreams> {
    const { service, step, headers } = call;
    const get = step === 'refs';
    const pushes = service === 'git-receive-pack' && !get;
    return this.runner.spawn({
      args: ['http-backend'],
      ownGroup: true,
      settings: [
        ['http.getanyfile', 'false'],
        ['http.uploadpack', 'true'],
        ['http.receivepack', 'true'],
        // Holds for branches.
        ['receive.denyDeletes', 'true'],
        ['receive.maxInputSize', String(this.config.bodyLimitBytes)],
        // The list of refs stays whole: by it a client knows what it need not send.
        ...(pushes ? onlyBelow(call.writable) : []),
      ],
      env: {
        GATEWAY_INTERFACE: 'CGI/1.1',
        SERVER_PROTOCOL: 'HTTP/1.1',
        GIT_HTTP_EXPORT_ALL: '1',
        GIT_PROJECT_ROOT: dirname(path),
        PATH_INFO: `/${call.repositoryId}.git/${get ? 'info/refs' : service}`,
        QUERY_STRING: get ? `service=${service}` : '',
        REQUEST_METHOD: get ? 'GET' : 'POST',
        ...given('CONTENT_TYPE', headers.type),
        // Told no length, git reads to the end of its input; told one, it would never see a client leave.
        ...given('HTTP_CONTENT_ENCODING', headers.encoding),
        ...given('HTTP_GIT_PROTOCOL', headers.protocol),
      },
    });
  }
}

function given(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

/** A hidden ref cannot be updated; the last rule that fits a ref decides. */
function onlyBelow(prefixes: readonly string[]): [string, string][] {
  const rules = ['refs', ...prefixes.map((prefix) => `!${prefix}`)];
  return rules.map((rule) => ['receive.hideRefs', rule]);
}

/** One running `git http-backend`, with all that it starts. */
class Backend {
  readonly ended: Promise<void>;
  private readonly body: Readable;
  private hasEnded = false;
  private timer: NodeJS.Timeout | undefined;
  private tail = '';

  constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly call: HubCall,
    private readonly limit: number,
  ) {
    this.ended = new Promise((resolve) => {
      child.once('error', resolve);
      child.once('close', resolve);
    }).then(() => {
      this.hasEnded = true;
      clearTimeout(this.timer);
      call.gone.removeEventListener('abort', this.leave);
    });
    child.stderr.on('data', (piece: Buffer) => this.note(piece));
    this.body = call.service === 'git-receive-pack' ? this.watched() : child.stdout;
    this.feed();
    if (call.gone.aborted) this.leave();
    else call.gone.addEventListener('abort', this.leave, { once: true });
  }

  async answer(): Promise<HubAnswer> {
    const head = await readCgiHead(this.body);
    if (head !== null) return { ...head, body: this.body };
    this.end();
    this.body.resume();
    throw new Error(`git http-backend ended without an answer: ${this.tail.trim()}`);
  }

  /** Refs whose lock was in the way of this push. */
  lockedRefs(): string[] {
    return [...this.tail.matchAll(/cannot lock ref '(refs\/[^']+)'/g)].map(([, ref = '']) => ref);
  }

  private watched(): Readable {
    const transform = (piece: Buffer, _encoding: string, done: (error: null, data: Buffer) => void): void => {
      this.note(piece);
      done(null, piece);
    };
    return this.child.stdout.pipe(new Transform({ transform }));
  }

  private note(piece: Buffer): void {
    this.tail = `${this.tail}${piece.toString('latin1')}`.slice(-TAIL_CHARACTERS);
  }

  private feed(): void {
    const { body, step } = this.call;
    const { stdin } = this.child;
    // A backend may end before it has read everything; what still comes is thrown away.
    stdin.on('error', () => {
      body.unpipe(stdin);
      body.resume();
    });
    body.on('error', () => undefined);
    if (step === 'refs') {
      stdin.end();
      return;
    }
    let bytes = 0;
    body.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > this.limit) body.destroy();
    });
    body.pipe(stdin);
  }

  /**
   * Without its client a fetch is worth nothing. A push ends by itself when its pack is cut off; one that is complete
   * must not be killed between two refs.
   */
  private readonly leave = (): void => {
    this.call.body.unpipe(this.child.stdin);
    this.child.stdin.end();
    this.body.unpipe();
    this.body.resume();
    if (this.call.service === 'git-upload-pack') this.end();
    else this.timer = setTimeout(() => this.end(), PUSH_GRACE_MS).unref();
  };

  private end(): void {
    if (this.hasEnded) return;
    this.signal('SIGTERM');
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.signal('SIGKILL'), KILL_AFTER_MS).unref();
  }

  private signal(name: NodeJS.Signals): void {
    try {
      if (this.child.pid !== undefined && !this.hasEnded) process.kill(-this.child.pid, name);
    } catch {
      // Nothing is left of the group.
    }
  }
}
