// Runs every test in one process, which is several times faster than a process for each file.
import { readdirSync } from 'node:fs';

for (const file of readdirSync(import.meta.dirname).sort()) {
  if (/\.test\.(ts|mjs)$/.test(file)) await import(`./${file}`);
}
