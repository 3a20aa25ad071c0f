import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * What keeps the hosts of a test apart. Root gives each its own user, and where the machine has network namespaces a
 * network of its own too; anybody else can only give each its own folder.
 */
export type Separation = 'networks and users' | 'users' | 'folders';

const FIRST_UID = 47_300;
const SUBNET = '10.213.77';

/** Finds out what this machine and this user allow. */
export function possibleSeparation(): Separation {
  if (process.geteuid?.() !== 0 || process.platform !== 'linux') return 'folders';
  const probe = `pwprobe${process.pid}`;
  if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return 'users';
  spawnSync('ip', ['netns', 'del', probe]);
  return 'networks and users';
}

/** One pretended machine: a user who owns one folder, and an address from which the installation is reached. */
export class SeparateHost {
  readonly home: string;
  readonly uid: number | undefined;
  /** The address of the machine with the API, as it is seen from here. */
  readonly gateway: string;
  private readonly namespace: string | undefined;
  private readonly children: { readonly child: ChildProcess; readonly output: string[] }[] = [];

  constructor(
    readonly name: string,
    number: number,
    separation: Separation,
    private readonly shared: SharedProgram,
  ) {
    this.uid = separation === 'folders' ? undefined : FIRST_UID + number;
    this.home = mkdtempSync(path.join(shared.folder, `${name}-`));
    chmodSync(this.home, 0o700);
    if (this.uid !== undefined) chownSync(this.home, this.uid, this.uid);
    this.namespace = separation === 'networks and users' ? `pw${process.pid}n${number}` : undefined;
    this.gateway = this.namespace === undefined ? '127.0.0.1' : `${SUBNET}.${number * 4 + 1}`;
    if (this.namespace !== undefined) this.layCable(this.namespace, number);
  }

  /** Starts the program here, as this host's user. */
  start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    const program = [this.shared.node, this.shared.cli, ...args];
    const line = [...this.enter(), ...program];
    const child = spawn(line[0] ?? '', line.slice(1), {
      cwd: this.home,
      env: {
        PATH: `${path.dirname(this.shared.node)}:${process.env['PATH'] ?? ''}`,
        PLANWRIGHT_HOME: this.home,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => output.push(piece.toString()));
    this.children.push({ child, output });
    return child;
  }

  /** Everything the programs of this host have said. */
  said(): string {
    return this.children.flatMap(({ output }) => output).join('');
  }

  /** True if this host's user can do that to the path. */
  can(flag: '-r' | '-x', file: string): boolean {
    const [command = '', ...args] = [...this.enter(), 'test', flag, file];
    return spawnSync(command, args).status === 0;
  }

  /** Ends what still runs here and takes the host away. */
  remove(): void {
    for (const { child } of this.children) child.kill('SIGKILL');
    if (this.namespace !== undefined) spawnSync('ip', ['netns', 'del', this.namespace]);
    rmSync(this.home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  private enter(): string[] {
    const network = this.namespace === undefined ? [] : ['ip', 'netns', 'exec', this.namespace];
    const { uid } = this;
    const user =
      uid === undefined ? [] : ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--'];
    return [...network, ...user];
  }

  private layCable(namespace: string, number: number): void {
    const [near, far] = [`pwa${process.pid}-${number}`, `pwb${process.pid}-${number}`];
    const ip = (...args: readonly string[]) => execFileSync('ip', args);
    ip('netns', 'add', namespace);
    ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far);
    ip('link', 'set', far, 'netns', namespace);
    ip('addr', 'add', `${this.gateway}/30`, 'dev', near);
    ip('link', 'set', near, 'up');
    ip('-n', namespace, 'addr', 'add', `${SUBNET}.${number * 4 + 2}/30`, 'dev', far);
    ip('-n', namespace, 'link', 'set', far, 'up');
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
  }
}

/** The program, at a place where every user of the machine can run it. */
export class SharedProgram {
  private constructor(
    readonly folder: string,
    readonly node: string,
    readonly cli: string,
    private readonly mounted: string | undefined,
  ) {}

  /** @throws Error when other users cannot be given the program */
  static create(separation: Separation): SharedProgram {
    const folder = mkdtempSync(path.join(tmpdir(), 'planwright-hosts-'));
    chmodSync(folder, 0o755);
    let [root, node] = [process.cwd(), process.execPath];
    let mounted: string | undefined;
    if (separation !== 'folders' && !reaches(node, ['-e', ''])) {
      copyFileSync(node, path.join(folder, 'node'));
      chmodSync((node = path.join(folder, 'node')), 0o755);
    }
    if (separation !== 'folders' && !reaches(node, [path.join(root, 'dist/apps/cli/main.js'), '--help'])) {
      // Below a folder that is closed to others, the clone itself may be open: shown at another place it is reached.
      mkdirSync((mounted = path.join(folder, 'planwright')));
      execFileSync('mount', ['--bind', root, mounted]);
      root = mounted;
    }
    const cli = path.join(root, 'dist/apps/cli/main.js');
    const shared = new SharedProgram(folder, node, cli, mounted);
    if (separation === 'folders' || reaches(node, [cli, '--help'])) return shared;
    shared.remove();
    throw new Error(
      `${process.cwd()} cannot be read by other users: chmod -R go+rX it, or clone it elsewhere.`,
    );
  }

  remove(): void {
    if (this.mounted !== undefined && existsSync(this.mounted)) execFileSync('umount', [this.mounted]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function reaches(node: string, args: readonly string[]): boolean {
  return spawnSync(node, args, { uid: FIRST_UID, gid: FIRST_UID, cwd: '/', env: {} }).status === 0;
}

/** A port of every address of this machine that leads to a server of its loopback. */
export class OpenedPort {
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly port: number,
    private readonly server: Server,
  ) {}

  static async to(target: number): Promise<OpenedPort> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const opened = new OpenedPort((server.address() as AddressInfo).port, server);
    server.on('connection', (near) => {
      const far = connect(target, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        opened.sockets.add(from);
        from.on('error', () => to.destroy());
        from.once('close', () => opened.sockets.delete(from));
        from.pipe(to);
      }
    });
    return opened;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
