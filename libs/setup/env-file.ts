import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes variables as dotenv readers understand them, for its owner only; a link in its place is replaced, not followed. */
export async function writeEnvFile(file: string, env: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}\n`);
  await mkdir(path.dirname(file), { recursive: true });
  await rm(file, { recursive: true, force: true });
  await writeFile(file, lines.join(''), { mode: 0o600, flag: 'wx' });
}

function quoted(value: string): string {
  if (/^[\w./:@%+,-]*$/.test(value)) return value;
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
