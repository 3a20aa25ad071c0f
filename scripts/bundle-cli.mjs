/** Bundles apps/cli for a quick start: a short command is one CommonJS file; what it loads lazily stays apart. */
import { createHash } from 'node:crypto';
import path from 'node:path';

const SOURCE = 'apps/cli';
const OUTPUT = 'dist/apps/cli';
/** The program, and what it loads lazily and soon: scripts, each with what V8 compiled of it. The rest are modules. */
export const SCRIPTS = ['cli', 'plan-file'];

/** Whether a file is part of the bundle, and not compiled for itself. */
export const isBundled = (file) => file.startsWith(`${SOURCE}/`) && file.endsWith('.ts');

/**
 * @param {string} root
 * @returns {Promise<{ file: string, content: string | Uint8Array }[]>} what belongs into dist/, by its path there
 */
export async function bundleCli(root) {
  const { build } = await import('esbuild');
  const options = {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node20',
    conditions: ['planwright-source'],
    sourcemap: 'linked',
    minifyWhitespace: true,
    minifySyntax: true,
    write: false,
    logLevel: 'silent',
  };
  const lazy = new Set();
  // An ES module starts some milliseconds later than a script.
  const script = { ...options, format: 'cjs' };
  const main = await build({ ...script, entryPoints: [`${SOURCE}/main.ts`], outfile: `${OUTPUT}/main.js` });
  const scripts = await build({
    ...script,
    entryPoints: SCRIPTS.map((name) => `${SOURCE}/${name}.ts`),
    outdir: OUTPUT,
    outExtension: { '.js': '.cjs' },
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: WRAPPER },
    footer: { js: '})' },
    plugins: [lazyEntries(root, lazy)],
  });
  const rest = await build({
    ...options,
    entryPoints: [...lazy].sort(),
    outdir: OUTPUT,
    entryNames: '[name]',
    chunkNames: 'shared-[hash]',
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    splitting: true,
    packages: 'external',
    plugins: [externalLibraries],
  });
  const files = [...main.outputFiles, ...scripts.outputFiles, ...rest.outputFiles];
  const outputs = files.map(({ path: file, contents }) => ({
    file: path.relative(path.join(root, 'dist'), file).split(path.sep).join('/'),
    content: file.endsWith('.cjs') ? named(contents) : contents,
  }));
  // The scripts of this folder are CommonJS, unlike those of the package.
  return [...outputs, { file: `${SOURCE}/package.json`, content: '{ "type": "commonjs" }\n' }];
}

/** As Node wraps what is required, and with a way to import: code from a cache has none of its own. */
const WRAPPER = `(function (exports, require, module, __filename, __dirname, __import) {
const __bundleUrl = require('node:url').pathToFileURL(__filename).href;`;

/** Begins with what its code cache begins with too: V8 itself tells two programs of the same length not apart. */
function named(contents) {
  const text = Buffer.from(contents)
    .toString('utf8')
    .replace(/\bimport\((?="\.\/[\w-]+\.[cm]js"\))/g, '__import(');
  const name = createHash('sha256').update(text).digest('hex').slice(0, 32);
  return `/*${name}*/${text}`;
}

/** What is imported lazily becomes a file of its own beside the bundle. */
function lazyEntries(root, found) {
  return {
    name: 'lazy-entries',
    setup(build) {
      build.onResolve({ filter: /^\.{1,2}\// }, ({ kind, path: wanted, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const source = path.join(resolveDir, wanted.replace(/\.js$/, '.ts'));
        const name = path.basename(source, '.ts');
        if (SCRIPTS.includes(name)) return { path: `./${name}.cjs`, external: true };
        found.add(path.relative(root, source));
        return { path: `./${name}.mjs`, external: true };
      });
    },
  };
}

/** Libraries are there already: each file of libs/ has its own in dist/. The `#` names end at a folder's package.json. */
const externalLibraries = {
  name: 'external-libraries',
  setup(build) {
    build.onResolve({ filter: /^#/ }, ({ path: name }) => ({
      path: name.replace(/^#/, '../../libs/'),
      external: true,
    }));
  },
};
