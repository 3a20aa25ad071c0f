import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskNote } from './disk-note.js';
import { runGit, type CarryOutGit, type GitRequest } from './git-process.js';
import { withoutCredentials } from './names.js';

export interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export interface GitCall {
  readonly args: readonly string[];
  /** The repository; without it git finds none but what the arguments name. */
  readonly gitDir?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
  /** Exit codes that are answers, not errors. Default: 0 only. */
  readonly codes?: readonly number[];
  /** Settings of git for this call, above all others. */
  readonly settings?: readonly (readonly [string, string])[];
  /** True where the repository belongs to a person: its own rules for bytes and ignored files apply. */
  readonly foreign?: boolean;
  /** Leads a process group, so that what it starts can be ended with it. */
  readonly ownGroup?: boolean;
  /** Takes the output piece by piece; `stdout` of the result is then empty. */
  readonly onOutput?: (piece: Buffer) => void;
}

/** A git command that failed: its exit code and what it said, without credentials. */
export class GitError extends Error {
  constructor(
    args: readonly string[],
    readonly code: number,
    readonly stderr: string,
  ) {
    super(`git ${withoutCredentials(args.join(' '))} failed (${code}): ${stderr.trim()}`);
    this.name = 'GitError';
  }
}

export interface GitRunnerConfig {
  readonly home: string;
  readonly path: string;
  /** Who starts git. Default: this process. */
  readonly carryOut?: CarryOutGit;
}

type Settings = readonly (readonly [string, string])[];

/** Nothing that a repository or a tree defines may run, and only these transports exist. */
const SAFETY: Settings = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.sparseCheckout', 'false'],
  ['core.untrackedCache', 'false'],
  ['core.quotePath', 'false'],
  ['credential.helper', ''],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['receive.autogc', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['advice.addEmbeddedRepo', 'false'],
  ['http.lowSpeedLimit', '1000'],
  ['http.lowSpeedTime', '60'],
  ['protocol.allow', 'never'],
  ...['file', 'git', 'http', 'https', 'ssh'].map((name) => [`protocol.${name}.allow`, 'always'] as const),
];

/** Our own repositories keep bytes as they are and believe every piece of a file's stat. */
const BYTES: Settings = [
  ['core.autocrlf', 'false'],
  ['core.symlinks', 'true'],
  ['core.trustctime', 'true'],
  ['core.checkStat', 'default'],
  ['core.splitIndex', 'false'],
  ['core.excludesFile', '/dev/null'],
];

/** The one way git is run: scrubbed environment, no outside configuration, nothing executable from a repository. */
export class GitRunner {
  private globalConfig: Promise<string> | null = null;

  constructor(private readonly config: GitRunnerConfig) {}

  /** Runs git to its end. Throws `GitError` for an exit code that the call does not list. */
  async run(call: GitCall): Promise<GitResult> {
    const out: Buffer[] = [];
    const request = { ...(await this.invocation(call)), stdin: call.stdin };
    const onOutput = call.onOutput ?? ((piece: Buffer) => out.push(piece));
    const { code, stderr: said } = await (this.config.carryOut ?? runGit)(request, onOutput);
    const stderr = withoutCredentials(said.toString('utf8'));
    if (!(call.codes ?? [0]).includes(code))
      throw new GitError(call.args, code, stderr + (await diskNote(stderr, this.folderOf(call))));
    return { code, stdout: Buffer.concat(out), stderr };
  }

  /** As `run`, returning the output as text without its last line end. */
  async text(call: GitCall): Promise<string> {
    const { stdout } = await this.run(call);
    return stdout.toString('utf8').replace(/\n$/, '');
  }

  /** Starts git with pipes; the caller owns the process. */
  async spawn(call: GitCall): Promise<ChildProcessWithoutNullStreams> {
    const { args, cwd, env } = await this.invocation(call);
    return spawn('git', [...args], { cwd, env, stdio: 'pipe', detached: call.ownGroup === true });
  }

  private async invocation(call: GitCall): Promise<Omit<GitRequest, 'stdin'>> {
    this.globalConfig ??= this.writeGlobalConfig();
    const env = this.environment(call, await this.globalConfig);
    return { args: call.args, cwd: this.folderOf(call), env };
  }

  private folderOf({ cwd, gitDir }: GitCall): string {
    return cwd ?? gitDir ?? this.config.home;
  }

  private environment(call: GitCall, globalConfig: string): Record<string, string> {
    const settings = [...SAFETY, ...(call.foreign === true ? [] : BYTES), ...(call.settings ?? [])];
    const env: Record<string, string> = {
      PATH: this.config.path,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: globalConfig,
      GIT_ATTR_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      GIT_LITERAL_PATHSPECS: '1',
      GIT_NO_REPLACE_OBJECTS: '1',
      GIT_SSH_COMMAND: 'ssh -o BatchMode=yes -o ConnectTimeout=20',
      GIT_CONFIG_COUNT: String(settings.length),
      ...(call.gitDir === undefined ? {} : { GIT_DIR: call.gitDir }),
    };
    settings.forEach(([key, value], index) => {
      env[`GIT_CONFIG_KEY_${index}`] = key;
      env[`GIT_CONFIG_VALUE_${index}`] = value;
    });
    return { ...env, ...call.env };
  }

  /**
   * The other end of a local fetch or push loses every setting of the calling process but its global file, and
   * git accepts `safe.directory` from nowhere else there: origins may belong to another user.
   */
  private async writeGlobalConfig(): Promise<string> {
    await mkdir(this.config.home, { recursive: true });
    const path = join(this.config.home, 'trusted.gitconfig');
    const draft = await mkdtemp(join(this.config.home, '.config-'));
    const text =
      '[safe]\n\tdirectory = *\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n[receive]\n\tautogc = false\n';
    await writeFile(join(draft, 'config'), text);
    await rename(join(draft, 'config'), path);
    await rm(draft, { recursive: true });
    return path;
  }
}
