/** Bundles apps/cli for a quick start: a short command is one CommonJS file; what it loads lazily stays apart. */
import path from 'node:path';

const SOURCE = 'apps/cli';
const OUTPUT = 'dist/apps/cli';

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
  const main = await build({
    ...options,
    entryPoints: [`${SOURCE}/main.ts`],
    outfile: `${OUTPUT}/main.js`,
    // An ES module starts some milliseconds later than a script.
    format: 'cjs',
    define: { 'import.meta.url': '__bundleUrl' },
    banner: { js: `const __bundleUrl = require('node:url').pathToFileURL(__filename).href;` },
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
  const outputs = [...main.outputFiles, ...rest.outputFiles].map(({ path: file, contents }) => ({
    file: path.relative(path.join(root, 'dist'), file).split(path.sep).join('/'),
    content: contents,
  }));
  // The scripts of this folder are CommonJS, unlike those of the package.
  return [...outputs, { file: `${SOURCE}/package.json`, content: '{ "type": "commonjs" }\n' }];
}

/** What is imported lazily becomes a file of its own beside the bundle. */
function lazyEntries(root, found) {
  return {
    name: 'lazy-entries',
    setup(build) {
      build.onResolve({ filter: /^\.{1,2}\// }, ({ kind, path: wanted, resolveDir }) => {
        if (kind !== 'dynamic-import') return undefined;
        const source = path.join(resolveDir, wanted.replace(/\.js$/, '.ts'));
        found.add(path.relative(root, source));
        return { path: `./${path.basename(source, '.ts')}.mjs`, external: true };
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
