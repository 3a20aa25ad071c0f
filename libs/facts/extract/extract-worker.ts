import { parentPort } from 'node:worker_threads';
import { examine, heldBytes, openFor, type Examination, type Examined } from './examine.js';

/** What a thread says to a batch. */
export interface BatchAnswer {
  /** In the order asked. */
  readonly results: readonly Examined[];
  /** What its parsers hold, as far as it is known. */
  readonly heldBytes: number;
}

/** One thread of the pool: a batch comes in, its answer goes out. */
parentPort?.on('message', (batch: readonly Examination[]) => void answer(batch));

async function answer(batch: readonly Examination[]): Promise<void> {
  await openFor(batch);
  const results = batch.map(examine);
  parentPort?.postMessage({ results, heldBytes: heldBytes() } satisfies BatchAnswer);
}
