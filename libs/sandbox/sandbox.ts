import { mkdir } from 'node:fs/promises';
import { INSIDE } from './bubblewrap.js';
import { withEgress } from './egress.js';
import { probeIsolation, type Isolation } from './isolation.js';
import { DEFAULT_LIMITS, type ResourceLimits } from './limits.js';
import { runProcess, type ProcessRequest, type ProcessResult } from './process-runner.js';
import { homeFolders, isWithin, listedPaths, searchPathFolders, showable } from './readable-paths.js';
import type { ProcessPolicy } from './sandbox-policy.js';
import { scrubbedEnvironment } from './scrubbed-environment.js';
import { removeAbandonedFolders, ThrowAwayFolders, type ThrowAwayFolder } from './throw-away-folder.js';

/**
 * `required`: nothing untrusted runs without; `auto`: with it where the machine can and the policy does not spare it;
 * `off`: never.
 */
export type SandboxMode = 'required' | 'auto' | 'off';

/** What a run was held by. */
export type IsolationKind = 'bubblewrap' | 'off';

export interface SandboxState {
  readonly mode: SandboxMode;
  /** What runs are held by. */
  readonly isolation: IsolationKind;
  /** Whether it works on this machine; false also when nobody looked, since it is off. */
  readonly available: boolean;
  /** What was found, as a sentence. */
  readonly why: string;
  /** The command or step that mends it; null when nothing is wrong. */
  readonly remedy: string | null;
}

export interface SandboxOptions {
  readonly mode: SandboxMode;
  /** PATH of the processes; bubblewrap is found by it too. */
  readonly path: string;
  /** Where throw-away folders are made, and copies of what is shown of `/etc`. No run may write to it. */
  readonly tempRoot: string;
  /** Folders that no process may see into, but for its own workspace: Planwright's data. */
  readonly secret: readonly string[];
  /** Further readable paths, separated by colons, as the person lists them. */
  readonly readable?: string;
  /** What a workspace needs to read elsewhere: the objects that its git directory borrows. */
  readonly borrowed?: (cwd: string) => Promise<readonly string[]>;
  readonly limits?: Partial<ResourceLimits>;
  /** What starts the processes; default: this process itself. */
  readonly start?: (request: ProcessRequest) => Promise<ProcessResult>;
}

/** One untrusted process. */
export interface UntrustedRun extends Pick<
  ProcessRequest,
  | 'run'
  | 'cwd'
  | 'timeoutMs'
  | 'outputLimitBytes'
  | 'tailBytes'
  | 'stdoutBytes'
  | 'graceMs'
  | 'signal'
  | 'stdin'
  | 'onOutput'
> {
  readonly policy: ProcessPolicy;
  /** What it is to know on purpose, by name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** A file outside of the workspace that it can read, and the variable that names it. */
  readonly input?: { readonly variable: string; readonly content: string };
  /** Paths that it may read beside what every run may: where its program lies. Those that must not be shown are not. */
  readonly readable?: readonly string[];
  /** Folders beside the workspace that it may write: caches. */
  readonly writable?: readonly string[];
  /** A lent folder that it may write; without isolation it holds its home and temporary folder too. */
  readonly folder?: ThrowAwayFolder;
}

export type UntrustedResult = ProcessResult & { readonly sandbox: IsolationKind };

/** Runs untrusted processes as the machine and the person allow. */
export interface Sandbox {
  readonly state: SandboxState;
  /** Lends folders to whoever hands files to a run, or takes some from it. */
  readonly folders: ThrowAwayFolders;
  run(request: UntrustedRun): Promise<UntrustedResult>;
}

/**
 * Looks once what this machine can do, by really starting it, and removes what killed processes left in `tempRoot`.
 *
 * @throws DomainError where a path that the person lists must not be shown
 */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { isolation, state } = await look(options);
  await removeAbandonedFolders(options.tempRoot);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const folders = new ThrowAwayFolders(options.tempRoot);
  const runOpen = (request: UntrustedRun) => {
    const go = (folder: ThrowAwayFolder) => runOpenIn(folder, options, limits, request);
    return request.folder === undefined ? folders.use(go) : go(request.folder);
  };
  return {
    state,
    folders,
    async run(request) {
      const refusal = refusalOf(request.policy, state);
      if (refusal !== null) return { kind: 'not_started', reason: refusal, sandbox: state.isolation };
      if (isolation === null || (request.policy.runsOpen && state.mode === 'auto'))
        return { ...(await runOpen(request)), sandbox: 'off' };
      return { ...(await runIsolated(isolation, options, limits, request)), sandbox: 'bubblewrap' };
    },
  };
}

async function look(options: SandboxOptions): Promise<{ isolation: Isolation | null; state: SandboxState }> {
  const { mode, path } = options;
  const secret = [...options.secret];
  const listed = listedPaths(options.readable ?? '', secret);
  if (mode === 'off') {
    const why = 'It is switched off by PLANWRIGHT_SANDBOX=off.';
    const remedy = 'Set PLANWRIGHT_SANDBOX=auto, or leave it out.';
    return { isolation: null, state: { mode, isolation: 'off', available: false, why, remedy } };
  }
  const readable = [...searchPathFolders(path, secret), ...listed];
  const probe = await probeIsolation({
    path,
    readable,
    secret: [...secret, ...homeFolders()],
    copies: options.tempRoot,
  });
  const available = probe.isolation !== null;
  const { why, remedy, isolation } = probe;
  return { isolation, state: { mode, isolation: available ? 'bubblewrap' : 'off', available, why, remedy } };
}

/** Why a process must not start under these circumstances; null when it may. */
function refusalOf({ kind, network, mayRunOpen }: ProcessPolicy, state: SandboxState): string | null {
  if (state.isolation !== 'off') return null;
  const mend = `${state.why} ${state.remedy ?? ''}`.trim();
  if (state.mode === 'required') return `PLANWRIGHT_SANDBOX=required, and there is no sandbox. ${mend}`;
  if (mayRunOpen && typeof network !== 'object') return null;
  return `${kind === 'agent' ? 'an' : 'a'} ${kind} runs in a sandbox only. ${mend}`;
}

async function runIsolated(
  isolation: Isolation,
  options: SandboxOptions,
  limits: ResourceLimits,
  request: UntrustedRun,
): Promise<ProcessResult> {
  const { network } = request.policy;
  if (typeof network !== 'object') return runConfined(isolation, options, limits, request);
  return withEgress(network.hosts, request.run, ({ run, readable, variables }) =>
    runConfined(
      isolation,
      options,
      limits,
      { ...request, run, variables: { ...request.variables, ...variables } },
      readable,
    ),
  );
}

async function runConfined(
  isolation: Isolation,
  options: SandboxOptions,
  limits: ResourceLimits,
  request: UntrustedRun,
  shown: readonly string[] = [],
): Promise<ProcessResult> {
  const { policy, variables, input, writable = [], readable = [], folder, ...rest } = request;
  const borrowed = (await options.borrowed?.(request.cwd)) ?? [];
  for (const cache of writable) await mkdir(cache, { recursive: true });
  const folders = [...(folder === undefined ? [] : [folder.path]), request.cwd, ...writable];
  const mounts = {
    writable: outermost(folders),
    readable: [...borrowed, ...showable(readable, options.secret), ...shown],
    network: policy.network === 'allow',
    cwd: request.cwd,
    input: input !== undefined,
  };
  const extra = { ...variables, ...(input && { [input.variable]: INSIDE.input }) };
  return (options.start ?? runProcess)({
    ...rest,
    env: scrubbedEnvironment({ path: options.path, home: INSIDE.home, tmp: INSIDE.tmp, extra }),
    limits,
    folders,
    jail: isolation.jail(mounts, input?.content ?? null),
  });
}

/** Each is a mount, and what lies in another is there already. */
function outermost(folders: readonly string[]): string[] {
  return folders.filter((path, at) =>
    folders.every((other, index) => index === at || !isWithin(path, other) || (path === other && at < index)),
  );
}

function runOpenIn(
  folder: ThrowAwayFolder,
  options: SandboxOptions,
  limits: ResourceLimits,
  request: UntrustedRun,
): Promise<ProcessResult> {
  const { variables, input, writable = [], readable: _, ...rest } = request;
  if (input !== undefined) folder.fill(input.content);
  const extra = { ...variables, ...(input && { [input.variable]: folder.input }) };
  return (options.start ?? runProcess)({
    ...rest,
    env: scrubbedEnvironment({ path: options.path, home: folder.home, tmp: folder.tmp, extra }),
    limits,
    folders: [request.cwd, folder.path, ...writable],
  });
}
