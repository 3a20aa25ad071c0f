import { parentPort } from 'node:worker_threads';
import { examine, type Examination } from './examine.js';

/** One thread of the pool: a batch comes in, its results go out in the same order. */
parentPort?.on('message', (batch: readonly Examination[]) => {
  parentPort?.postMessage(batch.map(examine));
});
