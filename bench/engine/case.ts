import type { BenchRecord } from '../record.js';
import type { Ground } from './ground.js';
import type { EngineOptions } from './options.js';

/** What a case is given. */
export interface CaseContext {
  readonly ground: Ground;
  readonly options: EngineOptions;
  readonly print: (record: BenchRecord) => void;
  /** Says on standard error what was measured on the way. */
  readonly note: (line: string) => void;
}

/** Measures one thing and prints a record for each baseline. */
export type EngineCase = (context: CaseContext) => Promise<void>;
