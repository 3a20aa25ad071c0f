#!/usr/bin/env node
/** Runs the bundled command line and stores what V8 compiled of it: `node scripts/cli-code-cache.mjs <folder>`. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { SCRIPTS } from './bundle-cli.mjs';

/** Names specs, so that the verb reads it with all that it has. */
const PLAN = fileURLToPath(new URL('../examples/auth-migration/plan.yaml', import.meta.url));
const folder = path.resolve(process.argv[2]);
const loaded = new Map();

// Verbs that go as far as their request: nobody listens there.
Object.assign(process.env, { PLANWRIGHT_URL: 'http://127.0.0.1:1', PLANWRIGHT_TOKEN: 'none' });
const { runCli } = load(`./${SCRIPTS[0]}.cjs`);
await runCli(['node', 'planwright', 'list']);
await runCli(['node', 'planwright', 'run', PLAN]);
for (const name of SCRIPTS) store(name, loaded.get(`./${name}.cjs`));

/** As `apps/cli/main.ts` does, but without a cache. */
function load(name) {
  const file = path.join(folder, name);
  const source = readFileSync(file, 'utf8');
  const script = new Script(source, { filename: file });
  loaded.set(name, { source, script });
  const made = { exports: {} };
  const lazily = async (wanted) => load(wanted);
  script.runInThisContext()(made.exports, createRequire(file), made, file, folder, lazily);
  return made.exports;
}

function store(name, { source, script }) {
  const draft = path.join(folder, `${name}.cache.${process.pid}.tmp`);
  const head = Buffer.from(source.slice(2, 34), 'latin1');
  writeFileSync(draft, Buffer.concat([head, script.createCachedData()]));
  renameSync(draft, path.join(folder, `${name}.cache`));
}
