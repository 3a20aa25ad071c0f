import type { LanguageSupport } from '#domain/spec/facts.js';

/** Grammars of this build. */
export type Grammar = 'TypeScript' | 'Tsx' | 'JavaScript';

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  ts: 'TypeScript',
  mts: 'TypeScript',
  cts: 'TypeScript',
  tsx: 'Tsx',
  js: 'JavaScript',
  mjs: 'JavaScript',
  cjs: 'JavaScript',
  jsx: 'JavaScript',
};

/** Source code that can hold identifiers and that no grammar of this build reads. Everything else is no source. */
const UNREAD_SOURCE = new Set(
  (
    'py pyi pyx go java kt kts scala groovy rb php rs c h cc cpp cxx hpp hh cs fs vb swift m mm dart lua pl pm r jl ' +
    'zig nim ex exs erl hrl clj cljs cljc hs elm ml mli vue svelte astro coffee sol'
  ).split(' '),
);

/** The grammar that reads a path, by its extension. */
export function grammarOf(path: string): Grammar | null {
  return GRAMMARS[extensionOf(path)] ?? null;
}

/** Whether facts are expected in a path, and whether this build can find them. */
export function supportOf(path: string): LanguageSupport {
  if (grammarOf(path) !== null) return 'supported';
  return UNREAD_SOURCE.has(extensionOf(path)) ? 'unsupported' : 'not_source';
}

function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}
