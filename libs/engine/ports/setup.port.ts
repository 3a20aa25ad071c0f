/** How a workspace is prepared before anything runs in it: as a plan, or its repository, says. */
export interface WorkspaceSetup {
  /** Run by the shell, one after the other, in a clean checkout. */
  readonly commands: readonly string[];
  /** Globs of the files whose content decides whether the commands have to run again. */
  readonly inputs: readonly string[];
  /** Folders that the commands make and every workspace gets, relative to it. */
  readonly caches: readonly string[];
  /** For everything that runs in the workspace; `${PLANWRIGHT_…}` is replaced by what the workspace was given. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether the commands may reach the network. */
  readonly network: boolean;
  /** Seconds for all commands together. */
  readonly timeout: number;
  /** A file of the workspace that gets the variables as `NAME=value` lines. */
  readonly envFile?: string | undefined;
}

export interface InstallOrder {
  /** Names the result: the same key, the same folders. */
  readonly key: string;
  readonly setup: WorkspaceSetup;
  /** What the commands may know: of the set-up's variables, those that are the same in every workspace. */
  readonly commandEnv: Readonly<Record<string, string>>;
  /** The workspace to be prepared. */
  readonly into: string;
  /** What the set-up's file of variables is to hold. */
  readonly env: Readonly<Record<string, string>>;
  /** A clean checkout for the commands; asked for only where they have to run. */
  openCheckout(): Promise<{ readonly path: string; release(): Promise<void> }>;
  readonly signal: AbortSignal;
}

export interface SetupPort {
  /** What a result depends on beside its recipe: the machine and its tools. */
  readonly platform: string;
  /** What the workspace with this number may call its own: ports, a suffix for names of databases. */
  environment(slot: number): Readonly<Record<string, string>>;
  /**
   * Gives a workspace the folders of its set-up: from the cache, or by running the commands.
   *
   * @throws SetupFailed when a command failed; the signal's reason when it is aborted
   */
  install(order: InstallOrder): Promise<{ readonly cached: boolean }>;
}

/** A set-up that cannot be had: a command failed, or what it promised is not there. The message says all. */
export class SetupFailed extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
    /** Tail of what the command printed. */
    readonly output: string,
  ) {
    super(message);
    this.name = 'SetupFailed';
  }
}
