import TreeSitter, { type Language, type Parser } from '@vscode/tree-sitter-wasm';
import type { Grammar } from '../languages.js';

const FILES: Readonly<Record<Grammar, string>> = {
  TypeScript: 'typescript',
  Tsx: 'tsx',
  JavaScript: 'javascript',
  python: 'python',
  go: 'go',
  java: 'java',
};

type OfTree = (tree: number) => number;

/**
 * Calls into the parser's memory on the cursor that was made last: it lies where each of them looks for it, so that a
 * walk costs no copy per step.
 */
export interface Cursor {
  readonly _ts_tree_cursor_goto_first_child_wasm: OfTree;
  readonly _ts_tree_cursor_goto_next_sibling_wasm: OfTree;
  readonly _ts_tree_cursor_goto_parent_wasm: OfTree;
  readonly _ts_tree_cursor_current_node_type_id_wasm: OfTree;
  readonly _ts_tree_cursor_current_field_id_wasm: OfTree;
  readonly _ts_tree_cursor_start_index_wasm: OfTree;
  readonly _ts_tree_cursor_end_index_wasm: OfTree;
  readonly _ts_tree_cursor_delete_wasm: OfTree;
}

/** What the parser fills its options with when it starts. */
interface Runtime extends Cursor {
  readonly HEAPU8: Uint8Array;
}

/** A grammar that can be asked, with what its numbers stand for. */
export interface OpenGrammar {
  readonly parser: Parser;
  readonly cursor: Cursor;
  /** Names of kinds, by their numbers. */
  readonly kinds: readonly string[];
  /** Numbers of named kinds, by their names. */
  readonly kindsOf: ReadonlyMap<string, readonly number[]>;
  /** Whether a kind is named, by its number. */
  readonly named: Uint8Array;
  /** Kinds that are left out of trees: signs that say nothing which their parents do not, half of all nodes. */
  readonly leftOut: Uint8Array;
  readonly fields: ReadonlyMap<string, number>;
}

interface Started {
  readonly cursor: Cursor;
  /** Where the files of the grammars are. */
  readonly folder: string;
}

const SIGNS = new Set([
  '(',
  ')',
  '{',
  '}',
  '[',
  ']',
  '<',
  '>',
  ',',
  ';',
  ':',
  '.',
  '"',
  "'",
  '`',
  '${',
  '=>',
  '=',
]);

/** What stands for code that could not be read, as a kind. */
export const ERROR_KIND = 0xffff;

const open = new Map<Grammar, OpenGrammar>();
const opening = new Map<Grammar, Promise<void>>();
let started: Promise<Started> | null = null;
let runtime: Runtime | null = null;

/** Loads grammars into this thread, each once; what parses is called after it. */
export async function openGrammars(grammars: Iterable<Grammar>): Promise<void> {
  const missing = [...new Set(grammars)].filter((grammar) => !open.has(grammar));
  for (const grammar of missing) {
    const loading = opening.get(grammar) ?? load(grammar);
    opening.set(grammar, loading);
    // Whoever asks after a failure tries again.
    await loading.finally(() => opening.delete(grammar));
  }
}

/** @throws Error if the grammar was not opened */
export function grammarOf(grammar: Grammar): OpenGrammar {
  const found = open.get(grammar);
  if (found === undefined) throw new Error(`The grammar of ${grammar} is asked before it was opened.`);
  return found;
}

/** Memory of all parsers of this thread, which only ever grows. */
export function parserBytes(): number {
  return runtime?.HEAPU8.length ?? 0;
}

async function load(grammar: Grammar): Promise<void> {
  started ??= start().catch((error: unknown) => {
    started = null;
    throw error;
  });
  const { cursor, folder } = await started;
  const language = await TreeSitter.Language.load(`${folder}tree-sitter-${FILES[grammar]}.wasm`);
  const parser = new TreeSitter.Parser();
  parser.setLanguage(language);
  open.set(grammar, { parser, cursor, ...namesOf(language) });
}

async function start(): Promise<Started> {
  let folder = '';
  const options = {
    locateFile: (file: string, besideScript: string) => {
      folder = besideScript;
      return `${besideScript}${file}`;
    },
  };
  await TreeSitter.Parser.init(options);
  runtime = options as unknown as Runtime;
  return { cursor: runtime, folder };
}

function namesOf(language: Language): Omit<OpenGrammar, 'parser' | 'cursor'> {
  const kinds = language.types;
  const named = Uint8Array.from(kinds, (_, kind) => (language.nodeTypeIsNamed(kind) ? 1 : 0));
  const kindsOf = new Map<string, number[]>();
  kinds.forEach((name, kind) => {
    if (named[kind] === 1) kindsOf.set(name, [...(kindsOf.get(name) ?? []), kind]);
  });
  const fields = language.fields.flatMap((name, field) => (name === null ? [] : [[name, field] as const]));
  const leftOut = Uint8Array.from(kinds, (name, kind) => (named[kind] === 0 && SIGNS.has(name) ? 1 : 0));
  return { kinds, kindsOf, named, leftOut, fields: new Map(fields) };
}
