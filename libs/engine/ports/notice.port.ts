import type { NoticeEvent } from '#domain/plan/notices.js';
import type { Violation } from '#domain/spec/verdict.js';

/** A task that needs somebody, with what its last attempt left. */
export interface NoticeTask {
  readonly number: number;
  readonly title: string;
  /** `ready`: it waits for somebody to claim it. */
  readonly status: string;
  readonly failure: string | null;
  readonly message: string | null;
  /** Of the last verdict. */
  readonly summary: string | null;
  readonly violations: readonly Violation[];
}

/** How a plan stands when somebody is told. */
export interface NoticeFacts {
  readonly plan: {
    readonly number: number;
    readonly name: string;
    readonly status: string;
    /** Why it paused. */
    readonly reason: string | null;
    readonly note: string | null;
    readonly branch: string;
    /** Why the origin refused the branch, and what mends it. */
    readonly publishError: string | null;
  };
  readonly repository: { readonly name: string; readonly origin: string };
  /** Failed tasks and those that wait for a person: the first of them. */
  readonly tasks: readonly NoticeTask[];
  /** Phases that wait for a person. */
  readonly phases: readonly { readonly position: number; readonly name: string }[];
}

/** What a person is told: a thing that can come twice, but then with the same id. */
export interface Notice extends NoticeFacts {
  readonly id: string;
  readonly event: NoticeEvent;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly tasks: readonly (NoticeTask & { /** `12.3` */ readonly task: string })[];
  /** What to type next. */
  readonly commands: readonly string[];
}

export interface NoticePort {
  /** Tells it. Rejects with the signal's reason when aborted. */
  send(
    notice: Notice,
    signal: AbortSignal,
  ): Promise<{ readonly sent: boolean; /** What went wrong, or what was said. */ readonly said: string }>;
}
