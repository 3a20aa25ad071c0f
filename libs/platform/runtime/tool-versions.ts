import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Package {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/**
 * Versions of what verdicts depend on, as archives state them: this program, which extracts facts and judges, what it
 * parses with, and Node.
 */
export function toolVersions(): Readonly<Record<string, string>> {
  const file = fileURLToPath(new URL('../../../../package.json', import.meta.url));
  const { version, dependencies } = JSON.parse(readFileSync(file, 'utf8')) as Package;
  const parsers = Object.entries(dependencies).filter(([name]) => name.startsWith('@ast-grep/'));
  return { planwright: version, node: process.versions.node, ...Object.fromEntries(parsers) };
}
