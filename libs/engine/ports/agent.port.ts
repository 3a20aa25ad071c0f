import type { Violation } from '#domain/spec/verdict.js';

/** Run by a worker. Other kinds join the union below with their adapter. */
export interface CommandExecutor {
  readonly kind: 'command';
  /** Run by the shell in the workspace. */
  readonly command: string;
  readonly timeoutSeconds: number;
}
/** Nothing to run: a point where others meet. */
export interface MilestoneExecutor {
  readonly kind: 'milestone';
}
/** For a time or an event; no worker is involved. Exactly one of `seconds`, `until` and `event` is given. */
export interface WaitExecutor {
  readonly kind: 'wait';
  readonly seconds: number | null;
  /** ISO 8601, with its offset. */
  readonly until: string | null;
  readonly event: string | null;
  /** After this, a wait for an event has failed; null: it waits for ever. */
  readonly timeoutSeconds: number | null;
}
/** A person or a program outside claims the task and hands its work in. */
export interface ExternalExecutor {
  readonly kind: 'external';
}
export type ExecutorConfig = CommandExecutor | MilestoneExecutor | WaitExecutor | ExternalExecutor;

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
export type AgentResult =
  | { readonly kind: 'done'; readonly output: string }
  | {
      readonly kind: 'failed';
      readonly failure: 'agent_failed' | 'limit_exceeded' | 'infrastructure' | 'cancelled';
      readonly message: string;
      /** Tail of what it printed. */
      readonly output: string;
    };

export interface AgentPort {
  run(request: {
    readonly executor: CommandExecutor;
    readonly input: AttemptInput;
    /** The workspace's absolute path: the only place it may write. */
    readonly cwd: string;
    /** What the workspace was given: ports, variables of the set-up. Never a secret. */
    readonly env?: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  }): Promise<AgentResult>;
}
