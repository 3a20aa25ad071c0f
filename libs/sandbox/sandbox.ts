import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSIDE } from './bubblewrap.js';
import { probeIsolation, type Isolation } from './isolation.js';
import { DEFAULT_LIMITS, type ResourceLimits } from './limits.js';
import { runProcess, type ProcessRequest, type ProcessResult } from './process-runner.js';
import { homeFolders, listedPaths, searchPathFolders } from './readable-paths.js';
import type { ProcessPolicy } from './sandbox-policy.js';
import { scrubbedEnvironment } from './scrubbed-environment.js';
import { removeAbandonedFolders, withThrowAwayFolder } from './throw-away-folder.js';

/** `required`: nothing untrusted runs without; `auto`: with it where the machine can; `off`: never. */
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
  /** Where throw-away folders are made for runs without isolation. */
  readonly tempRoot: string;
  /** Folders that no process may see into, but for its own workspace: Planwright's data. */
  readonly secret: readonly string[];
  /** Further readable paths, separated by colons, as the person lists them. */
  readonly readable?: string;
  /** What a workspace needs to read elsewhere: the objects that its git directory borrows. */
  readonly borrowed?: (cwd: string) => Promise<readonly string[]>;
  readonly limits?: Partial<ResourceLimits>;
}

/** One untrusted process. */
export interface UntrustedRun extends Pick<
  ProcessRequest,
  'run' | 'cwd' | 'timeoutMs' | 'outputLimitBytes' | 'tailBytes' | 'graceMs' | 'signal' | 'stdin' | 'onOutput'
> {
  readonly policy: ProcessPolicy;
  /** What it is to know on purpose, by name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** A file outside of the workspace that it can read, and the variable that names it. */
  readonly input?: { readonly variable: string; readonly content: string };
  /** Folders beside the workspace that it may write: caches. */
  readonly writable?: readonly string[];
}

export type UntrustedResult = ProcessResult & { readonly sandbox: IsolationKind };

/** Runs untrusted processes as the machine and the person allow. */
export interface Sandbox {
  readonly state: SandboxState;
  /** Where throw-away folders are made. */
  readonly tempRoot: string;
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
  return {
    state,
    tempRoot: options.tempRoot,
    async run(request) {
      const sandbox = state.isolation;
      const refusal = refusalOf(request.policy, state);
      if (refusal !== null) return { kind: 'not_started', reason: refusal, sandbox };
      const result =
        isolation === null
          ? await runOpen(options, limits, request)
          : await runIsolated(isolation, options, limits, request);
      return { ...result, sandbox };
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
  const probe = await probeIsolation({ path, readable, secret: [...secret, ...homeFolders()] });
  const available = probe.isolation !== null;
  const { why, remedy, isolation } = probe;
  return { isolation, state: { mode, isolation: available ? 'bubblewrap' : 'off', available, why, remedy } };
}

/** Why a process must not start under these circumstances; null when it may. */
function refusalOf({ kind, network, mayRunOpen }: ProcessPolicy, state: SandboxState): string | null {
  if (typeof network === 'object')
    return `a ${kind} asks for a list of hosts (${network.hosts.join(', ')}), which the sandbox cannot keep; use off or allow`;
  if (state.isolation !== 'off') return null;
  const mend = `${state.why} ${state.remedy ?? ''}`.trim();
  if (state.mode === 'required') return `PLANWRIGHT_SANDBOX=required, and there is no sandbox. ${mend}`;
  return mayRunOpen ? null : `a ${kind} runs in a sandbox only. ${mend}`;
}

async function runIsolated(
  isolation: Isolation,
  options: SandboxOptions,
  limits: ResourceLimits,
  request: UntrustedRun,
): Promise<ProcessResult> {
  const { policy, variables, input, writable = [], ...rest } = request;
  const borrowed = (await options.borrowed?.(request.cwd)) ?? [];
  for (const cache of writable) await mkdir(cache, { recursive: true });
  const folders = [request.cwd, ...writable];
  const mounts = {
    writable: folders,
    readable: borrowed,
    network: policy.network === 'allow',
    cwd: request.cwd,
  };
  const extra = { ...variables, ...(input && { [input.variable]: INSIDE.input }) };
  return runProcess({
    ...rest,
    env: scrubbedEnvironment({ path: options.path, home: INSIDE.home, tmp: INSIDE.tmp, extra }),
    limits,
    folders,
    jail: isolation.jail(mounts, input?.content ?? ''),
  });
}

function runOpen(
  options: SandboxOptions,
  limits: ResourceLimits,
  request: UntrustedRun,
): Promise<ProcessResult> {
  const { policy, variables, input, writable = [], ...rest } = request;
  return withThrowAwayFolder(options.tempRoot, policy.kind, async (folder) => {
    const file = join(folder.path, 'input.json');
    if (input !== undefined) await writeFile(file, input.content, { mode: 0o600 });
    const extra = { ...variables, ...(input && { [input.variable]: file }) };
    return runProcess({
      ...rest,
      env: scrubbedEnvironment({ path: options.path, home: folder.home, tmp: folder.tmp, extra }),
      limits,
      folders: [request.cwd, folder.path, ...writable],
    });
  });
}
