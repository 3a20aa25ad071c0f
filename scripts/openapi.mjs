#!/usr/bin/env node
/**
 * Keeps docs/openapi.json the document that the API serves.
 *   check   fails when they differ, and says which changes break clients
 *   write   writes it; refuses breaking changes unless --breaking says that they are meant
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const file = path.join(root, 'docs/openapi.json');

const [command, ...options] = process.argv.slice(2);
if (!['check', 'write'].includes(command) || options.some((option) => option !== '--breaking')) {
  process.stderr.write('usage: node scripts/openapi.mjs check | write [--breaking]\n');
  process.exit(2);
}

await build({ log: (line) => process.stderr.write(`${line}\n`) });
const { findBreaks } = await import('#contracts/api/openapi-breaks.js');
const { openApiDocument } = await import('#contracts/api/openapi.js');
const served = openApiDocument();
const text = await prettier.format(JSON.stringify(served), {
  ...(await prettier.resolveConfig(file)),
  filepath: file,
});
const committed = existsSync(file) ? readFileSync(file, 'utf8') : null;
const breaks = committed === null ? [] : findBreaks(JSON.parse(committed), served);
for (const each of breaks) process.stderr.write(`breaks clients: ${each}\n`);

if (command === 'write') {
  if (breaks.length > 0 && !options.includes('--breaking')) {
    process.stderr.write(
      'Nothing was written. If this is meant: node scripts/openapi.mjs write --breaking\n',
    );
    process.exitCode = 1;
  } else writeFileSync(file, text);
} else if (committed !== text) {
  process.stderr.write('docs/openapi.json is not what the API serves. Run: node scripts/openapi.mjs write\n');
  process.exitCode = 1;
}
