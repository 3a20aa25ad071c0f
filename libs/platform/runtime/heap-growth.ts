import { setFlagsFromString } from 'node:v8';

/** Half as much costs a third more collections and saves a tenth of the memory. */
const GROWTH_PERCENT = 40;

/**
 * Bounds how far this process's heap grows, above what of it is used, before its garbage is collected. V8 would let it grow to
 * twice or four times of that by how much memory the machine has, a little further each time, and what a service took it
 * keeps while it works. Said to the process that runs, this holds however it was started.
 */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}
