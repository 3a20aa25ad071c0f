import { access, chmod, readdir } from 'node:fs/promises';
import path from 'node:path';
import { makePrivateFolder } from './private-files.js';

/** Every place below the data folder. Nothing else in the code base joins these paths. */
export interface Home {
  readonly root: string;
  /** Secret of this installation, mode 0600. */
  readonly tokenFile: string;
  /** Secret of the workers of other hosts, mode 0600. */
  readonly workerTokenFile: string;
  /** The key that signs archives, mode 0600. */
  readonly signingKeyFile: string;
  readonly logs: string;
  readonly run: {
    readonly dir: string;
    /** Folder of the instance lock's generations. */
    readonly lockDir: string;
    /** Pids and address of the running stack. */
    readonly stateFile: string;
    /** The API's port, once chosen. */
    readonly apiPortFile: string;
    /** The port of a scripted model, once chosen. */
    readonly modelPortFile: string;
  };
  readonly postgres: {
    readonly dir: string;
    readonly passwordFile: string;
    readonly portFile: string;
    /** Names the folder that holds the data when it cannot be here. */
    readonly locationFile: string;
  };
  readonly redis: {
    readonly dir: string;
    readonly passwordFile: string;
    readonly portFile: string;
    readonly configFile: string;
    /** Which process the server is. */
    readonly processFile: string;
  };
  /** Bare repositories that the engine owns. */
  readonly hubs: string;
  /** One folder per worker: worktrees and scratch space. */
  readonly workers: string;
}

/** The data folder: `PLANWRIGHT_HOME`, or `.planwright` below the package root. */
export function homePath(packageRoot: string, env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env['PLANWRIGHT_HOME'];
  return path.resolve(chosen !== undefined && chosen !== '' ? chosen : path.join(packageRoot, '.planwright'));
}

/** Names the places below a data folder; touches nothing. */
export function homeAt(root: string): Home {
  const at = (...parts: string[]) => path.join(root, ...parts);
  return {
    root,
    tokenFile: at('token'),
    workerTokenFile: at('worker-token'),
    signingKeyFile: at('signing-key.pem'),
    logs: at('logs'),
    run: {
      dir: at('run'),
      lockDir: at('run', 'lock'),
      stateFile: at('run', 'state.json'),
      apiPortFile: at('run', 'api-port'),
      modelPortFile: at('run', 'model-port'),
    },
    postgres: {
      dir: at('postgres'),
      passwordFile: at('postgres', 'password'),
      portFile: at('postgres', 'port'),
      locationFile: at('postgres', 'location'),
    },
    redis: {
      dir: at('redis'),
      passwordFile: at('redis', 'password'),
      portFile: at('redis', 'port'),
      configFile: at('redis', 'redis.conf'),
      processFile: at('redis', 'process.json'),
    },
    hubs: at('hubs'),
    workers: at('workers'),
  };
}

/** True when a data folder is there: commands that may not create data refuse without one. */
export async function homeExists(root: string): Promise<boolean> {
  return access(path.join(root, 'run')).then(
    () => true,
    () => false,
  );
}

/**
 * Makes the data folder and everything below that must be there. An empty folder is taken as made for this; one
 * with something in it keeps its mode.
 *
 * It has mode 0700. For root it is 0711, as is `postgres/`: the database runs as another user, who must pass
 * through to its data but can list nothing; all that matters inside has modes of its own.
 */
export async function createHome(root: string): Promise<Home> {
  const home = homeAt(root);
  const passable = process.geteuid?.() === 0 ? 0o711 : 0o700;
  await makePrivateFolder(home.root, passable);
  if ((await readdir(home.root)).length === 0) await chmod(home.root, passable);
  await makePrivateFolder(home.postgres.dir, passable);
  for (const folder of [home.logs, home.run.dir, home.run.lockDir, home.hubs, home.workers]) {
    await makePrivateFolder(folder);
  }
  return home;
}
