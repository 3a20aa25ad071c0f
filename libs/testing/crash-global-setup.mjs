import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import startServers from './jest-global-setup.mjs';

/** The servers of the run, and the file in which the tests write down what they did to the program. */
export default async function crashGlobalSetup() {
  await startServers();
  process.env.PLANWRIGHT_TEST_FAULTS = path.join(
    mkdtempSync(path.join(tmpdir(), 'planwright-faults-')),
    'faults.jsonl',
  );
}
