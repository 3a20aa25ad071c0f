#!/usr/bin/env node
/** Runs the bundled command line once and stores what V8 compiled: `node scripts/cli-code-cache.mjs <folder>`. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Script } from 'node:vm';

const folder = path.resolve(process.argv[2]);
const file = path.join(folder, 'cli.cjs');
const source = readFileSync(file, 'utf8');
const script = new Script(source, { filename: file });
const loaded = { exports: {} };
script.runInThisContext()(loaded.exports, createRequire(file), loaded, file, folder);
// A verb that goes as far as its request: nobody listens there.
Object.assign(process.env, { PLANWRIGHT_URL: 'http://127.0.0.1:1', PLANWRIGHT_TOKEN: 'none' });
await loaded.exports.runCli(['node', 'planwright', 'list']);
const draft = path.join(folder, `cli.cache.${process.pid}.tmp`);
writeFileSync(draft, Buffer.concat([Buffer.from(source.slice(2, 34), 'latin1'), script.createCachedData()]));
renameSync(draft, path.join(folder, 'cli.cache'));
