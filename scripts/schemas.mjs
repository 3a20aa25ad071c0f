#!/usr/bin/env node
/** Writes docs/schemas: plan files and specs as JSON Schema, made of what the program checks them with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = path.join(root, 'docs/schemas');

await build({ log: (line) => process.stderr.write(`${line}\n`) });
const { publishedSchemas } = await import('#contracts/plan/published-schemas.js');
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(publishedSchemas())) {
  const file = path.join(folder, name);
  const options = { ...(await prettier.resolveConfig(file)), filepath: file };
  writeFileSync(file, await prettier.format(JSON.stringify(schema), options));
}
