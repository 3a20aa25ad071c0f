import type { LanguageSupport } from '#domain/spec/facts.js';
import type { AstTerm } from '#domain/spec/spec.js';

/** Grammars of this build. */
export const GRAMMARS = ['TypeScript', 'Tsx', 'JavaScript', 'python', 'go', 'java'] as const;
export type Grammar = (typeof GRAMMARS)[number];

/** A file of SQL holds tables only and is read by a parser of its own. */
export type Reader = Grammar | 'sql';

const READERS: Readonly<Record<string, Reader>> = {
  ts: 'TypeScript',
  mts: 'TypeScript',
  cts: 'TypeScript',
  tsx: 'Tsx',
  js: 'JavaScript',
  mjs: 'JavaScript',
  cjs: 'JavaScript',
  jsx: 'JavaScript',
  py: 'python',
  pyi: 'python',
  go: 'go',
  java: 'java',
  sql: 'sql',
};

/** Source code that can hold facts and that no grammar of this build reads. Everything else is no source. */
const UNREAD_SOURCE = new Set(
  (
    'pyx kt kts scala groovy rb php rs c h cc cpp cxx hpp hh cs fs vb swift m mm dart lua pl pm r jl ' +
    'zig nim ex exs erl hrl clj cljs cljc hs elm ml mli vue svelte astro coffee sol'
  ).split(' '),
);

/** The mode of a link: its blob is a path, not code. */
export const SYMLINK = '120000';

/** What ast-grep calls the languages of its terms. `TypeScript` is parsed by the grammar of each file, JSX or not. */
export const AST_LANGUAGES = ['TypeScript', 'Tsx', 'JavaScript', 'Python', 'Go', 'Java'] as const;

const AST_GRAMMARS: Readonly<Record<string, readonly Grammar[]>> = {
  typescript: ['TypeScript', 'Tsx'],
  ts: ['TypeScript', 'Tsx'],
  tsx: ['Tsx'],
  javascript: ['JavaScript'],
  js: ['JavaScript'],
  jsx: ['JavaScript'],
  python: ['python'],
  py: ['python'],
  go: ['go'],
  golang: ['go'],
  java: ['java'],
};

/** The reader of a path, by its extension. */
export function readerOf(path: string): Reader | null {
  return READERS[extensionOf(path)] ?? null;
}

/** Whether facts are expected in a path, and whether this build can find them. */
export function supportOf(path: string): LanguageSupport {
  if (readerOf(path) !== null) return 'supported';
  return UNREAD_SOURCE.has(extensionOf(path)) ? 'unsupported' : 'not_source';
}

/** The grammars whose files an ast-grep term of this language reads; null for a language that this build lacks. */
export function astGrammars(language: string): readonly Grammar[] | null {
  return AST_GRAMMARS[language.toLowerCase()] ?? null;
}

/** Those that read files of this grammar. */
export function termsOf(terms: readonly AstTerm[], grammar: Grammar): AstTerm[] {
  return terms.filter((term) => astGrammars(term.language)?.includes(grammar));
}

function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const dot = name.lastIndexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1).toLowerCase();
}
