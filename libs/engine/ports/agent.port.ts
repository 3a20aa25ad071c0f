import type { AgentFile } from '#contracts/agents/agent-file.js';
import type { WrittenBy } from '#domain/plan/state.js';
import type { ProfileLimits } from '#domain/profile/profile.js';
import type { Violation } from '#domain/spec/verdict.js';
import type { AgentSession } from './agent-session.port.js';
import type { Effort, Usage } from './llm.port.js';

/** Run by a worker. */
export interface CommandExecutor {
  readonly kind: 'command';
  /** Run by the shell: in a checkout, or in an empty folder when the task changes nothing. */
  readonly command: string;
  readonly timeoutSeconds: number;
  /** For a task that changes nothing: a checkout of the tip to look at. */
  readonly checkout?: boolean;
}
/** Which model, and how hard it thinks; absent: what the installation says. */
export interface ModelChoice {
  readonly model?: string | undefined;
  readonly effort?: Effort | undefined;
}
/** A model works on it, through tools of the worker's. */
export interface ClaudeExecutor extends ModelChoice {
  readonly kind: 'claude';
  /** What the first attempt, the second, … uses instead; the last one stays. */
  readonly ladder?: readonly ModelChoice[] | undefined;
  /** Answers of the model that one attempt may take. */
  readonly turns: number;
  /** Tokens of all calls of one attempt; absent: no limit but those of money and time. */
  readonly tokens?: number | undefined;
  readonly timeoutSeconds: number;
}

/** A coding agent that a worker's machine has, run by its command line. */
export interface AgentCliExecutor {
  readonly kind: 'agent';
  readonly agent: AgentFile;
  readonly timeoutSeconds: number;
  /** For a task that changes nothing: a checkout of the tip to look at. */
  readonly checkout?: boolean;
}
/** Whatever the profile works by that is chosen when an attempt is claimed. */
export interface ProfileExecutor {
  readonly kind: 'profile';
}
/** A unified diff that is applied as it is. */
export interface PatchExecutor {
  readonly kind: 'patch';
  readonly patch: string;
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
/** What a worker carries out. */
export type WorkerExecutor = CommandExecutor | ClaudeExecutor | AgentCliExecutor | PatchExecutor;

export type ExecutorConfig =
  WorkerExecutor | ProfileExecutor | MilestoneExecutor | WaitExecutor | ExternalExecutor;

/** What an attempt is given; its canonical JSON is hashed and stored with the attempt. */
export interface AttemptInput {
  readonly plan: { readonly number: number; readonly name: string };
  readonly task: { readonly number: number; readonly title: string; readonly prompt: string };
  /** The text of its spec; null: it has none. Pinned by its hash: it is no part of the hashed input. */
  readonly spec: string | null;
  readonly attempt: number;
  /** What a person wrote when they rejected or retried the task; null: nothing. */
  readonly note: string | null;
  /** Why the attempt before was rejected; empty on the first. */
  readonly violations: readonly Violation[];
  /** The rejected diff of the attempt before, or the conflict hunks; empty on the first. */
  readonly rejectedDiff: string;
  /** What attempts at it asked, and what a person answered; absent: nothing. */
  readonly answers?: readonly Answer[];
  /** What its profile keeps it to; absent: it works under none. */
  readonly limits?: ProfileLimits;
}

export interface Answer {
  readonly question: string;
  readonly answer: string;
}

/** What an agent says that it used; null: it does not say. */
export type AgentUsage = { readonly [C in keyof Usage]: number | null } & {
  readonly model: string | null;
  readonly costUsd: number | null;
  /** By which its session can be found again. */
  readonly sessionId: string | null;
};

/** Failures an executor can name itself; the domain says what each costs. */
export type AgentResult = {
  /** What held its processes; absent where none was started. */
  readonly sandbox?: 'bubblewrap' | 'off';
  /** Of an agent that works with a model; also where it failed. */
  readonly usage?: AgentUsage;
} &
  /** `result`: JSON that the executor left as its result; null: none. */
  (
    | { readonly kind: 'done'; readonly output: string; readonly result: unknown }
    | {
        readonly kind: 'failed';
        readonly failure:
          | 'agent_failed'
          | 'limit_exceeded'
          | 'infrastructure'
          | 'cancelled'
          | 'needs_replan'
          | 'quota'
          | 'budget'
          | 'unconfigured';
        readonly message: string;
        /** When it is worth another try; null: as soon as backoff allows. */
        readonly retryAt: Date | null;
        readonly result: unknown;
        /** Tail of what it printed. */
        readonly output: string;
      }
    /** It rests until a person has answered. */
    | { readonly kind: 'asked'; readonly question: string; readonly output: string }
  );

export interface AgentPort {
  run(request: {
    readonly executor: WorkerExecutor;
    /** Who wrote the executor: what a model wrote never runs without isolation. */
    readonly writtenBy: WrittenBy;
    readonly input: AttemptInput;
    /** Absolute path of the only place it may write; null: an empty folder that is thrown away. */
    readonly cwd: string | null;
    /** What the workspace was given: ports, variables of the set-up. Never a secret. */
    readonly env?: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    /** What the worker does for an agent that it drives itself; absent for a task that changes nothing. */
    readonly session?: AgentSession;
  }): Promise<AgentResult>;
}
