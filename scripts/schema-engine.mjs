import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';

let loading;

/**
 * Loads the WebAssembly once: its glue keeps views of one memory, so a second instance would corrupt the first.
 *
 * Node 20 cannot import a `.wasm` file, so the two halves of the package are joined by hand.
 */
async function loadEngine() {
  const gluePath = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const glue = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = await readFile(gluePath.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue.SchemaEngine;
}

/**
 * Opens Prisma's schema engine without the download that `prisma migrate` wants.
 * @param {object} factory a migration-aware driver adapter factory
 */
export async function openSchemaEngine(factory) {
  loading ??= loadEngine();
  const SchemaEngine = await loading;
  return SchemaEngine.new(
    { datamodels: undefined },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(factory),
  );
}

/**
 * The SQL that leads from one set of schema files to another, without any database.
 * @param {{ path: string, content: string }[]} from no files: from the empty database
 * @param {{ path: string, content: string }[]} to
 * @returns {Promise<string>} empty when nothing differs
 */
export async function diffSchemas(from, to) {
  const engine = await openSchemaEngine(postgresThatIsNotThere());
  const result = await engine.diff({
    from: target(from),
    to: target(to),
    script: true,
    exitCode: true,
    filters: { externalTables: [], externalEnums: [] },
  });
  return result.exitCode === 0 ? '' : result.stdout;
}

function target(files) {
  return files.length === 0 ? { tag: 'empty' } : { tag: 'schemaDatamodel', files };
}

/**
 * The engine asks for the server's version once when it opens, even for a diff that touches no database.
 * That one question is answered here; every other one is refused.
 */
function postgresThatIsNotThere() {
  const name = { provider: 'postgres', adapterName: 'planwright-offline' };
  const refuse = () => Promise.reject(new Error('A diff between schema files must not ask a database'));
  const connection = {
    ...name,
    queryRaw: ({ sql }) => {
      if (!sql.includes('server_version_num')) return refuse();
      return Promise.resolve({
        columnNames: ['exists', 'version', 'numeric_version'],
        columnTypes: [ColumnTypeEnum.Boolean, ColumnTypeEnum.Text, ColumnTypeEnum.Int32],
        rows: [[true, 'PostgreSQL 18.4', 180004]],
      });
    },
    executeRaw: refuse,
    executeScript: refuse,
    startTransaction: refuse,
    getConnectionInfo: () => ({ schemaName: 'public', supportsRelationJoins: true }),
    dispose: () => Promise.resolve(),
  };
  const connect = () => Promise.resolve(connection);
  return { ...name, connect, connectToShadowDb: connect };
}
