/**
 * The scripted Messages API as a process of its own. It says its address as its only line of output and, where a
 * supervisor started it, as being ready.
 *
 *   node dist/libs/testing/messages-api/main.js --script /tmp/answers.json [--port 4010]
 *   node dist/libs/testing/messages-api/main.js --script examples/sign-in-limit/model.mjs     (a module: its default export)
 *   node dist/libs/testing/messages-api/main.js --scenario echo
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { superviseChild } from '#platform/supervisor/child.js';
import { startMessagesApi } from './messages-api.js';
import { SCENARIOS } from './scenarios.js';
import type { Rules, Script } from './script.js';

const { values } = parseArgs({
  options: {
    script: { type: 'string' },
    scenario: { type: 'string' },
    port: { type: 'string', default: '0' },
  },
});
const api = await startMessagesApi(await scriptOf(values), { port: Number(values.port) });
const child = superviseChild({ onStop: () => api.close() });
process.stdout.write(`${api.url}\n`);
child.ready({ url: api.url });

async function scriptOf({ script, scenario }: { script?: string; scenario?: string }): Promise<Script> {
  if (script?.endsWith('.json') === true) return JSON.parse(await readFile(script, 'utf8')) as Rules;
  if (script !== undefined) {
    const module = (await import(pathToFileURL(path.resolve(script)).href)) as { default: Script };
    return module.default;
  }
  const named = SCENARIOS[scenario ?? ''];
  if (named === undefined)
    throw new Error(
      `Say --script <file.json or module> or --scenario <one of ${Object.keys(SCENARIOS).join(', ')}>`,
    );
  return named;
}
