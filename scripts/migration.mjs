#!/usr/bin/env node
/**
 * Makes and runs migrations, offline.
 *
 *   node scripts/migration.mjs diff <name> [--empty]   new folder from the difference to the last migration
 *   node scripts/migration.mjs check                   fails when prisma/ changed without a migration
 *   node scripts/migration.mjs status|up               against DATABASE_URL
 *   node scripts/migration.mjs down <name>|--all       back to (and keeping) that migration; against DATABASE_URL
 *
 * `prisma/migrations/schema.snapshot` is the schema as of the last migration. It has no `.prisma` ending
 * because Prisma would read it as part of the schema folder.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { diffSchemas } from './schema-engine.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const schemaDir = path.join(root, 'prisma');
const migrationsDir = path.join(schemaDir, 'migrations');
const snapshotFile = path.join(migrationsDir, 'schema.snapshot');

class UsageError extends Error {}

function schemaFiles() {
  return readdirSync(schemaDir, { recursive: true })
    .filter((name) => name.endsWith('.prisma'))
    .sort()
    .map((name) => ({ path: name, content: readFileSync(path.join(schemaDir, name), 'utf8') }));
}

function snapshotFiles() {
  if (!existsSync(snapshotFile)) return [];
  return [{ path: 'snapshot.prisma', content: readFileSync(snapshotFile, 'utf8') }];
}

function asSnapshot(files) {
  return files.map((file) => `// ${file.path}\n${file.content.trim()}\n`).join('\n');
}

function nextStamp() {
  const now = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const last = readdirSync(migrationsDir)
    .map((name) => name.slice(0, 14))
    .filter((stamp) => /^\d{14}$/.test(stamp))
    .sort()
    .at(-1);
  // A migration must sort after every other one, also when the clock of another author ran ahead.
  return last !== undefined && last >= now ? String(BigInt(last) + 1n) : now;
}

function downTemplate(reverse) {
  const suggestion = reverse
    .trim()
    .split('\n')
    .map((line) => `--   ${line}`.trimEnd())
    .join('\n');
  return `-- Undo migration.sql here. The runner refuses this file while it holds comments only.\n-- What the schema alone suggests (hand-written SQL is not in it):\n${suggestion}\n`;
}

async function diff(name, allowEmpty) {
  if (!/^[a-z0-9]+(_[a-z0-9]+)*$/.test(name ?? ''))
    throw new UsageError('The name must be snake_case, like add_task_cost');
  mkdirSync(migrationsDir, { recursive: true });
  const before = snapshotFiles();
  const after = schemaFiles();
  const sql = await diffSchemas(before, after);
  if (sql === '' && !allowEmpty)
    throw new UsageError(
      'prisma/ does not differ from the last migration; --empty makes one for SQL by hand',
    );
  const reverse = sql === '' ? '' : await diffSchemas(after, before);
  const folder = path.join(migrationsDir, `${nextStamp()}_${name}`);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'migration.sql'), sql === '' ? '-- SQL by hand\n' : sql);
  writeFileSync(path.join(folder, 'down.sql'), downTemplate(reverse));
  writeFileSync(path.join(migrationsDir, 'migration_lock.toml'), 'provider = "postgresql"\n');
  writeFileSync(snapshotFile, asSnapshot(after));
  process.stdout.write(
    `${path.relative(process.cwd(), folder)}\nNow review migration.sql and write down.sql.\n`,
  );
}

async function check() {
  const sql = await diffSchemas(snapshotFiles(), schemaFiles());
  if (sql !== '') throw new UsageError(`prisma/ has changed without a migration:\n${sql}`);
}

async function onDatabase(command, argument) {
  const url = process.env.DATABASE_URL;
  if (!url) throw new UsageError(`${command} needs DATABASE_URL`);
  const runner = await import('../dist/libs/store/migrations/migrate.js');
  if (command === 'up') return { applied: await runner.migrateUp({ url, migrationsDir }) };
  if (command === 'status') return runner.migrationStatus({ url, migrationsDir });
  if (!argument) throw new UsageError('down needs the name of the migration to keep, or --all');
  return {
    undone: await runner.migrateDown({ url, migrationsDir, to: argument === '--all' ? null : argument }),
  };
}

async function main([command, ...args]) {
  if (command === 'diff')
    return diff(
      args.find((arg) => !arg.startsWith('--')),
      args.includes('--empty'),
    );
  if (command === 'check') return check();
  if (['up', 'status', 'down'].includes(command)) {
    process.stdout.write(`${JSON.stringify(await onDatabase(command, args[0]), null, 2)}\n`);
    return undefined;
  }
  throw new UsageError(
    'Usage: node scripts/migration.mjs diff <name> [--empty] | check | status | up | down <name>|--all',
  );
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error instanceof UsageError ? error.message : error.stack}\n`);
  process.exitCode = 1;
});
