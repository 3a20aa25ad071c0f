import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { homeAt, homePath } from '#platform/home/home.js';
import type { Place } from '../api/transport.js';
import { CliError, EXIT } from '../exit-codes.js';

/** The bundles lie in dist/apps/cli. */
export const PACKAGE_ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/**
 * Where the API answers: `PLANWRIGHT_URL` and `PLANWRIGHT_TOKEN`, else the stack of this machine's data folder.
 *
 * @throws CliError `notReachable` when neither is there
 */
export function findApi(): Place {
  const { PLANWRIGHT_URL: url, PLANWRIGHT_TOKEN: token } = process.env;
  if (url !== undefined && token !== undefined) return { url: url.replace(/\/$/, ''), token };
  const home = homeAt(homePath(PACKAGE_ROOT));
  try {
    const state = JSON.parse(readFileSync(home.run.stateFile, 'utf8')) as { url?: string };
    if (state.url !== undefined)
      return { url: state.url, token: readFileSync(home.tokenFile, 'utf8').trim() };
  } catch {
    // No stack has run here, or it is not up.
  }
  throw new CliError(EXIT.notReachable, `Planwright does not run in ${home.root}.`, 'planwright up');
}
