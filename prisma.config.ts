import process from 'node:process';
import { defineConfig } from 'prisma/config';

// `prisma generate` looks for a schema engine it never runs and would download it: any existing file will do.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath;

export default defineConfig({
  schema: 'prisma',
  migrations: { path: 'prisma/migrations' },
});
