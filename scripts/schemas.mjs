#!/usr/bin/env node
/**
 * Keeps docs/schemas, plan files and specs as JSON Schema, what the program checks them with.
 *   check   fails when a file differs
 *   write   writes them
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'docs/schemas');

const [command, ...rest] = process.argv.slice(2);
if (!['check', 'write'].includes(command) || rest.length > 0) {
  process.stderr.write('usage: node scripts/schemas.mjs check | write\n');
  process.exit(2);
}

await build({ log: (line) => process.stderr.write(`${line}\n`) });
const { publishedSchemas } = await import('#contracts/plan/published-schemas.js');
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(publishedSchemas())) {
  const file = path.join(folder, name);
  const options = { ...(await prettier.resolveConfig(file)), filepath: file };
  const text = await prettier.format(JSON.stringify(schema), options);
  if (command === 'write') writeFileSync(file, text);
  else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    process.stderr.write(
      `docs/schemas/${name} is not what the program checks. Run: node scripts/schemas.mjs write\n`,
    );
    process.exitCode = 1;
  }
}
