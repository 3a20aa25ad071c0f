import { createHash } from 'node:crypto';

const PORTS_PER_SLOT = 20;

/**
 * What a workspace may call its own. Programs that run in it side by side with others listen on ports of its block,
 * and end the names of their databases with its suffix.
 *
 * @param home the worker's own folder: workers that share a database server have other suffixes
 */
export function slotEnvironment(slot: number, portBase: number, home: string): Record<string, string> {
  const port = String(portBase + slot * PORTS_PER_SLOT);
  const worker = createHash('sha256').update(home).digest('hex').slice(0, 6);
  return {
    PLANWRIGHT_SLOT: String(slot),
    PLANWRIGHT_PORT_BASE: port,
    PORT: port,
    PLANWRIGHT_DB_SUFFIX: `w${worker}_${slot}`,
  };
}
