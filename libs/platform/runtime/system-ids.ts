import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type { Ids } from '#engine/ports/ids.port.js';

const ID_BYTES = 16;
/** Asking for random bytes costs more than all else of an id: those of many are asked for at once. */
const pool = new Uint8Array(256 * ID_BYTES);
let taken = pool.length;

function randomBytes(): Uint8Array {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += ID_BYTES;
  return pool.subarray(taken - ID_BYTES, taken);
}

let msecs = 0;
let seq = 0;

/** Ids of one process ascend, also within a millisecond: they count on from a random number of 31 bits, as RFC 9562 says. */
function next(): string {
  const random = randomBytes();
  const now = Date.now();
  seq = now > msecs ? new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1 : seq + 1;
  msecs = Math.max(now, msecs);
  return v7({ random, msecs, seq });
}

export const systemIds: Ids = { next, random: () => Math.random() };
