import { posix } from 'node:path';

/** Whether a file of this path is part of the resolution. */
type Has = (path: string) => boolean;

const SCRIPT = ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'];

/** The file that an import of a script names; null for packages and what is not there. */
export function scriptModule(importer: string, specifier: string, has: Has): string | null {
  if (specifier.startsWith('.')) return scriptFile(posix.join(posix.dirname(importer), specifier), has);
  const alias =
    /^(?:@|~|#)\/(.+)$/.exec(specifier)?.[1] ??
    (/^(?:src|app|lib|server)\//.test(specifier) ? specifier : null);
  if (alias === null) return null;
  for (const folder of foldersAbove(importer)) {
    for (const base of [posix.join(folder, 'src', alias), posix.join(folder, alias)]) {
      const found = scriptFile(base, has);
      if (found !== null) return found;
    }
  }
  return null;
}

function scriptFile(base: string, has: Has): string | null {
  if (base.startsWith('..')) return null;
  const bare = base.replace(/\.(?:[mc]?js|jsx)$/, '');
  const candidates = [
    base,
    ...SCRIPT.flatMap((end) => [base + end, bare + end]),
    ...SCRIPT.map((end) => posix.join(base, `index${end}`)),
  ];
  return candidates.find(has) ?? null;
}

/** The file of a Python module, relative by its leading dots, otherwise from the nearest folder that has it. */
export function pythonModule(importer: string, module: string, has: Has): string | null {
  const [, dots = '', name = ''] = /^(\.*)(.*)$/.exec(module) ?? [];
  const parts = name === '' ? [] : name.split('.');
  if (dots !== '') {
    const folder = posix.join(
      posix.dirname(importer),
      ...Array.from({ length: dots.length - 1 }, () => '..'),
    );
    return folder.startsWith('..') ? null : pythonFile(folder, parts, has);
  }
  for (const folder of foldersAbove(importer)) {
    const found = pythonFile(folder, parts, has) ?? pythonFile(posix.join(folder, 'src'), parts, has);
    if (found !== null) return found;
  }
  return null;
}

function pythonFile(folder: string, parts: readonly string[], has: Has): string | null {
  const base = posix.join(folder, ...parts);
  const candidates =
    parts.length === 0 ? [posix.join(base, '__init__.py')] : [`${base}.py`, posix.join(base, '__init__.py')];
  return candidates.find(has) ?? null;
}

/** The folder of a file and those above it, the nearest first; the last is the root. */
function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let folder = posix.dirname(path); folder !== '.' && folder !== '/'; folder = posix.dirname(folder))
    folders.push(folder);
  return [...folders, ''];
}

/** The path of the route that Next.js makes of a file, and which of its exports handle it; null for other files. */
export function nextRoute(file: string): { readonly path: string; readonly router: 'app' | 'pages' } | null {
  const segments = file.replace(/\.[mc]?[jt]sx?$/, '').split('/');
  if (segments.join('/') === file) return null;
  const app = segments.indexOf('app');
  if (app >= 0 && segments.at(-1) === 'route')
    return { path: written(segments.slice(app + 1, -1)), router: 'app' };
  const pages = segments.findIndex((segment, index) => segment === 'pages' && segments[index + 1] === 'api');
  if (pages < 0) return null;
  const inner = segments.slice(pages + 1);
  return { path: written(inner.at(-1) === 'index' ? inner.slice(0, -1) : inner), router: 'pages' };
}

/** Groups and slots are no part of a path. */
function written(segments: readonly string[]): string {
  return `/${segments.filter((segment) => !/^(?:\(.*\)|@.*)$/.test(segment)).join('/')}`;
}
