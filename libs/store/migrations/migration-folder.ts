import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';

/** One folder below prisma/migrations. */
export interface Migration {
  readonly name: string;
  readonly up: string;
  /** Absent when the folder has no down.sql. */
  readonly down: string | undefined;
  /** What Prisma's ledger holds for migration.sql: sha256 in hex. */
  readonly checksum: string;
}

/** Reads every migration below a folder, in the order in which they apply. An absent folder holds none. */
export async function readMigrations(migrationsDir: string): Promise<Migration[]> {
  const entries = await readdir(migrationsDir, { withFileTypes: true }).catch(whenMissing([]));
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map((name) => readMigration(path.join(migrationsDir, name), name)));
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const up = await readFile(path.join(folder, 'migration.sql'), 'utf8');
  const down = await readFile(path.join(folder, 'down.sql'), 'utf8').catch(whenMissing(undefined));
  return { name, up, down, checksum: createHash('sha256').update(up).digest('hex') };
}

/** True when nothing but blanks and comments is left to run. */
export function isEmptySql(sql: string): boolean {
  return (
    sql
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/--.*$/gm, '')
      .trim() === ''
  );
}

function whenMissing<T>(fallback: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return fallback;
    throw error;
  };
}
