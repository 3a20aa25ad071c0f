#!/usr/bin/env node
/**
 * Keeps the tables of docs/agents.md what the program's table of agents says.
 *   check   fails when they differ
 *   write   writes them
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { build } from './build.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const file = path.join(root, 'docs/agents.md');
const [BEGIN, END] = ['<!-- agents:begin -->', '<!-- agents:end -->'];

const [command, ...rest] = process.argv.slice(2);
if (!['check', 'write'].includes(command) || rest.length > 0) {
  process.stderr.write('usage: node scripts/agents-matrix.mjs check | write\n');
  process.exit(2);
}

await build({ log: (line) => process.stderr.write(`${line}\n`) });
const { agentMatrix } = await import('#contracts/agents/matrix.js');
const page = readFileSync(file, 'utf8');
const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
if (before < 0 || after < before) throw new Error(`docs/agents.md has not ${BEGIN} and ${END}.`);
const wanted = `${page.slice(0, before + BEGIN.length)}\n\n${agentMatrix()}\n\n${page.slice(after)}`;
const text = await prettier.format(wanted, { ...(await prettier.resolveConfig(file)), filepath: file });
if (command === 'write') writeFileSync(file, text);
else if (page !== text) {
  process.stderr.write(
    'docs/agents.md is not what the table says. Run: node scripts/agents-matrix.mjs write\n',
  );
  process.exitCode = 1;
}
