import type { Verdict } from '#domain/spec/verdict.js';
import type { WriteScope } from '#domain/spec/write-scope.js';
import type { ModelMessage, Usage } from './llm.port.js';
import type { EarlierResult, SessionFile, StoredMessage } from './session-store.port.js';

/** The session of an attempt that stopped short of its end, and is gone on with. */
export interface ParkedSession {
  /** Number of that attempt. */
  readonly attempt: number;
  readonly messages: readonly StoredMessage[];
  /** What it asked and was told; null: it was stopped by a limit of money, or with its worker. */
  readonly answer: string | null;
}

/** What somebody who is at work may know of where they stand. */
export type SelfCheck =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'judged'; readonly verdict: Verdict }
  /** A sentence that says why there is no verdict. */
  | { readonly kind: 'unjudged'; readonly message: string };

/** What a worker does for an agent that is driven from here, in the name of one attempt. */
export interface AgentSession {
  readonly planId: string;
  readonly attemptId: string;
  readonly token: number;
  readonly repositoryId: string;
  /** What the workspace is a checkout of. */
  readonly base: string;
  /** Attempts at the task that failed by their own fault since a person last started it. */
  readonly failedBefore: number;
  /** What the tasks did that this one depends on. */
  readonly earlier: readonly EarlierResult[];
  /** Where the task says that it writes, and what of the protected it may change. */
  readonly scope: WriteScope;
  /** Its files are in the workspace. Null: this one begins. */
  readonly parked: ParkedSession | null;
  /** Appends to the transcript. @throws Fenced when the attempt is not ours any more */
  say(message: ModelMessage, usage: Usage | null): Promise<void>;
  /** Last words of a program that stops short, and its session, for whoever goes on with it. @throws Fenced */
  park(words: string, file: SessionFile | null): Promise<void>;
  /** For whoever watches, as it comes. */
  show(text: string): void;
  /** Why the task should not write to a path of its repository; null: nothing is known against it. */
  refusalOfWrite(path: string): Promise<string | null>;
  /** The verifier's verdict on the files as they are now. @throws Fenced */
  verify(signal: AbortSignal): Promise<SelfCheck>;
}
