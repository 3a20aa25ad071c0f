import type { Violation } from '#domain/spec/verdict.js';

/** How a task is carried out. Other kinds join this union with their adapter. */
export interface CommandExecutor {
  readonly kind: 'command';
  /** Run by the shell in the workspace. */
  readonly command: string;
  readonly timeoutSeconds: number;
}
export type ExecutorConfig = CommandExecutor;

/** What an attempt is given; its canonical JSON is hashed and stored with the attempt. */
export interface AttemptInput {
  readonly plan: { readonly number: number; readonly name: string };
  readonly task: { readonly number: number; readonly title: string; readonly prompt: string };
  readonly attempt: number;
  /** Why the attempt before was rejected; empty on the first. */
  readonly violations: readonly Violation[];
  /** The rejected diff of the attempt before, or the conflict hunks; empty on the first. */
  readonly rejectedDiff: string;
}

/** Failures an executor can name itself; the domain says what each costs. */
export type AgentResult = {
  /** What held its processes; absent where none was started. */
  readonly sandbox?: 'bubblewrap' | 'off';
} & (
  | { readonly kind: 'done'; readonly output: string }
  | {
      readonly kind: 'failed';
      readonly failure: 'agent_failed' | 'limit_exceeded' | 'infrastructure' | 'cancelled';
      readonly message: string;
      /** Tail of what it printed. */
      readonly output: string;
    }
);

export interface AgentPort {
  run(request: {
    readonly executor: ExecutorConfig;
    readonly input: AttemptInput;
    /** The workspace's absolute path: the only place it may write. */
    readonly cwd: string;
    readonly signal: AbortSignal;
  }): Promise<AgentResult>;
}
