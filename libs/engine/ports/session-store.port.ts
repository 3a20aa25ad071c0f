import type { Failure } from '#domain/plan/retry.js';
import type { Verdict } from '#domain/spec/verdict.js';
import type { ModelBlock, Usage } from './llm.port.js';

/** A running attempt, and the claim by which it is ours. */
export interface SessionPlace {
  readonly attemptId: string;
  readonly token: number;
}

/** By which a program that keeps its own session can go on with it, on any machine. */
export interface SessionFile {
  readonly type: 'session_file';
  /** As the program names the session. */
  readonly id: string;
  /** The file, packed. */
  readonly data: string;
}

/** `note`: what the transcript says of itself, such as that it was cut. */
export interface StoredMessage {
  readonly role: 'user' | 'assistant' | 'note';
  readonly content: readonly (ModelBlock | SessionFile)[];
}

/** What came of a task that another one depends on. */
export interface EarlierResult {
  readonly number: number;
  readonly title: string;
  readonly commit: string | null;
  /** In words of whoever did it. */
  readonly summary: string;
}

/** The latest attempt before this one that left a transcript. */
export interface EarlierSession {
  readonly attemptId: string;
  readonly number: number;
  readonly failure: Failure | null;
  /** The prompt that it was given. */
  readonly prompt: string;
  /** What it asked and was told; null: it did not ask, or nobody answered. */
  readonly answer: string | null;
  /** Whether it ended because its worker was told to stop. */
  readonly wasReturned: boolean;
  /** What its workspace held, as a commit of the hub; null: nothing had changed. */
  readonly leftCommit: string | null;
  /** Whether its transcript has everything. */
  readonly isWhole: boolean;
}

export interface SessionContext {
  readonly failedBefore: number;
  readonly earlier: readonly EarlierResult[];
  readonly session: EarlierSession | null;
}

/** Transcripts and live output of attempts. Both are bounded: what is beyond is left out, and they say so. */
export interface SessionStore {
  context(attemptId: string): Promise<SessionContext>;
  /** Appends to a transcript. @throws Fenced */
  append(place: SessionPlace, message: StoredMessage, usage: Usage | null): Promise<void>;
  /** The transcript of one attempt becomes the beginning of another's. @throws Fenced */
  goOn(place: SessionPlace, from: string): Promise<readonly StoredMessage[]>;
  /** Nothing is written for an attempt that is not ours any more. */
  addOutput(place: SessionPlace, text: string): Promise<void>;
  /** Null: it is not judged yet. A judgement that is gone has neither. */
  judged(id: string): Promise<{ readonly verdict: Verdict | null; readonly message: string | null } | null>;
}
