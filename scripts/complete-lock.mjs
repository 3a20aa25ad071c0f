/**
 * node scripts/complete-lock.mjs — run after every `npm install <package>`.
 *
 * A registry that serves only some platforms leaves the optional packages of the others out of package-lock.json,
 * and `npm ci` then refuses the lock everywhere. This adds them, with version and platform and without a hash.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../package-lock.json', import.meta.url);
const SYSTEMS = ['darwin', 'linux', 'win32', 'android', 'freebsd', 'openharmony'];
const PROCESSORS = {
  arm64: 'arm64',
  aarch64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  ppc64: 'ppc64',
  s390x: 's390x',
  riscv64: 'riscv64',
  loong64: 'loong64',
};

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
let added = 0;
for (const [where, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const known = lock.packages[`${where}/node_modules/${name}`] ?? lock.packages[`node_modules/${name}`];
    if (known !== undefined || !/^\d/.test(version)) continue;
    const os = SYSTEMS.find((system) => name.includes(system));
    const word = name.split(/[-/]/).find((part) => part in PROCESSORS);
    if (os === undefined || word === undefined) continue;
    const flags = { ...(entry.dev ? { dev: true } : {}), optional: true };
    lock.packages[`node_modules/${name}`] = { version, cpu: [PROCESSORS[word]], ...flags, os: [os] };
    added += 1;
  }
}
const { '': root, ...rest } = lock.packages;
lock.packages = {
  '': root,
  ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, 'en'))),
};
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`added ${added}\n`);
