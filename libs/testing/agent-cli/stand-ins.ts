import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AGENT_CLIS } from '#contracts/agents/table.js';

const FILES = ['stand-in', 'documented', 'printed', 'claude-code'];

/**
 * Puts a program under the name of every coding agent into a folder: each is the stand-in, started as that agent.
 *
 * @returns the folder, for a PATH
 */
export function makeStandIns(folder: string): string {
  const programs = join(folder, 'bin');
  mkdirSync(programs, { recursive: true });
  for (const file of FILES)
    copyFileSync(resolve(`dist/libs/testing/agent-cli/${file}.js`), join(programs, `${file}.js`));
  writeFileSync(join(programs, 'package.json'), '{ "type": "module" }\n');
  for (const { name, program } of Object.values(AGENT_CLIS)) {
    if (program === null) continue;
    const script = `#!/bin/sh\nexec ${process.execPath} ${programs}/stand-in.js ${name} "$@"\n`;
    writeFileSync(join(programs, program), script, { mode: 0o755 });
  }
  return programs;
}
