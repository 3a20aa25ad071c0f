#!/usr/bin/env node
/**
 * Compiles apps/, libs/ and bench/ to dist/ and generates the Prisma client; does only what changed since the last build.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleCli, isBundled, SCRIPTS } from './bundle-cli.mjs';
import { withFileLock } from './file-lock.mjs';
import { swcOptions } from './swc-options.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const dist = path.join(root, 'dist');
const generated = path.join(root, 'libs/store/generated');
const stampFile = path.join(dist, '.build.json');
const FOLDERS = ['apps', 'libs', 'bench'];
const ASSETS = new Set(['.json', '.md', '.txt', '.yaml', '.yml', '.html', '.css', '.svg', '.sql']);
const require = createRequire(import.meta.url);

/** A source that does not compile, or a schema that Prisma refuses: the message says all. */
export class BuildError extends Error {}

/**
 * Brings dist/ up to date. Builds at the same time wait for each other.
 * @param {{ log: (line: string) => void }} options
 * @returns {Promise<{ compiled: number, removed: number, generated: boolean }>}
 */
export function build({ log }) {
  const onWait = () => log('waiting for another build');
  return withFileLock(path.join(dist, '.build.lock'), { onWait }, buildLocked);
}

async function buildLocked() {
  const settings = digest(
    readFileSync(fileURLToPath(import.meta.url)),
    ...['bundle-cli', 'cli-code-cache'].map((name) => readFileSync(path.join(root, `scripts/${name}.mjs`))),
    process.version,
    JSON.stringify(swcOptions),
    versionOf('@swc/core'),
    versionOf('esbuild'),
  );
  const previous = readStamp(settings);
  const needsClient = clientIsStale();
  const clientReady = needsClient ? generateClient() : Promise.resolve();
  const firstPart = compileChanged(
    sourceFiles((file) => !isGenerated(file)),
    previous,
  );
  // Both must settle before the lock is given back.
  const [compiled, client] = await Promise.allSettled([firstPart, clientReady]);
  if (compiled.status === 'rejected') throw compiled.reason;
  if (client.status === 'rejected') throw client.reason;
  const rest = await compileChanged(sourceFiles(isGenerated), previous);
  const files = { ...compiled.value.files, ...rest.files };
  const count = compiled.value.count + rest.count;
  const bundle = await bundleChanged(previous, count > 0);
  const removed = prune(new Set([...Object.keys(files).flatMap(outputs), ...bundle]));
  if (count > 0 || removed > 0) writeAtomic(stampFile, JSON.stringify({ settings, files, bundle }));
  return { compiled: count, removed, generated: needsClient };
}

function readStamp(settings) {
  try {
    const stamp = JSON.parse(readFileSync(stampFile, 'utf8'));
    if (stamp.settings === settings) return stamp;
  } catch {
    // Never built, or half: everything is new.
  }
  return { files: {}, bundle: [] };
}

function versionOf(name) {
  return JSON.parse(readFileSync(require.resolve(`${name}/package.json`), 'utf8')).version;
}

function digest(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

const isGenerated = (file) => file.startsWith('libs/store/generated/');

function sourceFiles(wanted) {
  const below = (folder) =>
    walk(path.join(root, folder)).map((file) => path.relative(root, file).split(path.sep).join('/'));
  return FOLDERS.flatMap(below).filter((file) => wanted(file) && isSource(file));
}

function isSource(file) {
  if (file.startsWith('apps/web/') || /\.test\.ts$|\.d\.ts$/.test(file)) return false;
  return file.endsWith('.ts') || ASSETS.has(path.extname(file));
}

function walk(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : walk(file);
    return entry.isFile() ? [file] : [];
  });
}

function outputs(file) {
  if (isBundled(file)) return [];
  if (!file.endsWith('.ts')) return [file];
  const script = file.replace(/\.ts$/, '.js');
  return [script, `${script}.map`];
}

async function compileChanged(sources, previous) {
  const files = {};
  const changed = [];
  for (const file of sources) {
    const content = readFileSync(path.join(root, file));
    files[file] = digest(content);
    const upToDate =
      previous.files[file] === files[file] &&
      outputs(file).every((output) => existsSync(path.join(dist, output)));
    if (!upToDate) changed.push({ file, content });
  }
  const results = await Promise.allSettled(changed.map(emit));
  const errors = results
    .filter((result) => result.status === 'rejected')
    .map((result) => withoutBacktrace(result.reason.message));
  if (errors.length > 0) throw new BuildError(errors.join('\n'));
  return { files, count: changed.length };
}

/** The compiler appends a backtrace of its own. */
const withoutBacktrace = (message) => message.split('\n\nCaused by:')[0].trim();

/** @returns the bundle's files, relative to dist/; written again when any source changed, or one of them is gone */
async function bundleChanged(previous, changed) {
  const complete =
    previous.bundle.length > 0 && previous.bundle.every((file) => existsSync(path.join(dist, file)));
  if (complete && !changed) return previous.bundle;
  const written = await bundleCli(root).catch((error) => {
    throw new BuildError(error.message);
  });
  for (const { file, content } of written) {
    mkdirSync(path.dirname(path.join(dist, file)), { recursive: true });
    writeAtomic(path.join(dist, file), content);
  }
  await runNode('The code cache failed', [path.join(root, 'scripts/cli-code-cache.mjs'), `${dist}/apps/cli`]);
  return [...written.map(({ file }) => file), ...SCRIPTS.map((name) => `apps/cli/${name}.cache`)];
}

async function emit({ file, content }) {
  if (isBundled(file)) return undefined;
  const output = path.join(dist, outputs(file)[0]);
  mkdirSync(path.dirname(output), { recursive: true });
  if (!file.endsWith('.ts')) return writeAtomic(output, content);
  const { transform } = await import('@swc/core');
  const source = path.join(root, file);
  const { code, map } = await transform(content.toString('utf8'), {
    ...swcOptions,
    module: { type: 'es6' },
    filename: source,
    sourceFileName: path.relative(path.dirname(output), source),
    swcrc: false,
    configFile: false,
  });
  writeAtomic(`${output}.map`, map);
  return writeAtomic(output, `${code}//# sourceMappingURL=${path.basename(output)}.map\n`);
}

/** A program that starts during the build reads the old file or the new one, never half of one. */
function writeAtomic(file, content) {
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

function prune(wanted) {
  const stale = FOLDERS.flatMap((folder) => walk(path.join(dist, folder))).filter((file) => {
    const name = path.relative(dist, file).split(path.sep).join('/');
    return !wanted.has(name) && !name.startsWith('apps/web/');
  });
  for (const file of stale) rmSync(file, { force: true });
  return stale.length;
}

function schemaHash() {
  const files = walk(path.join(root, 'prisma'))
    .filter((file) => file.endsWith('.prisma'))
    .sort();
  const version = JSON.parse(readFileSync(require.resolve('prisma/package.json'), 'utf8')).version;
  return digest(version, ...files.flatMap((file) => [path.relative(root, file), readFileSync(file)]));
}

const clientStamp = () => path.join(generated, '.schema-hash');

function clientIsStale() {
  if (!existsSync(path.join(root, 'prisma/schema.prisma'))) return false;
  return !existsSync(clientStamp()) || readFileSync(clientStamp(), 'utf8') !== schemaHash();
}

async function generateClient() {
  const hash = schemaHash();
  rmSync(clientStamp(), { force: true });
  const cli = path.join(path.dirname(require.resolve('prisma/package.json')), 'build/index.js');
  await runNode('prisma generate failed', [cli, 'generate', '--no-hints']);
  writeAtomic(clientStamp(), hash);
}

async function runNode(failure, args) {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', NO_COLOR: '1' };
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new BuildError(`${failure}:\n${output.trim()}`);
}

async function main() {
  const started = Date.now();
  const result = await build({ log: (line) => process.stderr.write(`${line}\n`) });
  const parts = [`${result.compiled} files`, ...(result.removed ? [`${result.removed} removed`] : [])];
  if (result.generated) parts.push('Prisma client');
  process.stderr.write(`built ${parts.join(', ')} in ${Date.now() - started} ms\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  main().catch((error) => {
    process.stderr.write(`${error instanceof BuildError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  });
}
