import { RE2JS } from 're2js';
import type { Term, TermKind } from '#domain/spec/spec.js';

export type CompiledTerm =
  { readonly ok: true; readonly term: Term } | { readonly ok: false; readonly message: string };

const MAX_REGEX_LENGTH = 1_000;
/** Instructions: what a counted repeat is unrolled to is what compiling and every match cost. */
export const MAX_REGEX_PROGRAM = 1_500;
const MAX_REGEXES = 1_000;
const MAX_REMEMBERED = 50_000;
const FLAGS: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
  // RE2 always matches code points.
  u: 0,
};

/** Letters of any script, and the marks that languages allow in names: `#private`, `$`, `data-attribute`, `@name`. */
const IDENTIFIER = /^[#@]?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d-]*$/u;

/** A term written `/…/flags`. */
export interface WrittenRegex {
  readonly source: string;
  readonly flags: string;
}

/** Reads `/source/flags`; null for any other text. */
export function readRegex(text: string): WrittenRegex | null {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/su.exec(text) ?? [];
  return source === undefined || flags === undefined ? null : { source, flags };
}

/**
 * Compiles a term: `/regex/flags` by RE2 (time linear in the value, found anywhere in it), anything else equals the
 * whole value. A term that can never match is refused, since a rule that forbids it would be green for ever.
 */
export function compileTerm(text: string, kind: 'identifiers' | 'expressions'): CompiledTerm {
  const regex = readRegex(text);
  if (regex !== null) {
    const impossible = kind === 'identifiers' ? impossibleInName(regex.source) : null;
    return impossible === null ? compileRegex(text, regex) : { ok: false, message: `${text}: ${impossible}` };
  }
  if (kind === 'identifiers' && !IDENTIFIER.test(text)) {
    const message = `'${text}' is not one identifier: write a /regex/, or list it under 'expressions'`;
    return { ok: false, message };
  }
  if (text !== text.trim())
    return { ok: false, message: `'${text}' begins or ends with a space: no value does` };
  // Facts have one space wherever the code has white space.
  if (/\s\s|[^\S ]/.test(text))
    return { ok: false, message: `'${text}' has white space that no value has: write one space` };
  return { ok: true, term: { text, matches: (value) => value === text } };
}

/** Says why a regex without alternatives can match no identifier: it asks for a character that none has. */
function impossibleInName(source: string): string | null {
  if (/[|[?*{]/.test(source)) return null;
  const [found] = /\\[.()]|\\s| /.exec(source) ?? [];
  return found === undefined
    ? null
    : `no identifier holds what '${found}' stands for: list the term under 'expressions'`;
}

/**
 * Compiles a regex by RE2.
 *
 * @param view what of a value the regex is held against; the value itself by default
 */
export function compileRegex(
  text: string,
  { source, flags }: WrittenRegex,
  view: (value: string) => string = (value) => value,
): CompiledTerm {
  const unknown = [...flags].find((flag) => FLAGS[flag] === undefined);
  if (unknown !== undefined)
    return { ok: false, message: `${text}: flag '${unknown}' is not one of i, m, s, u` };
  if (source.length > MAX_REGEX_LENGTH) {
    return {
      ok: false,
      message: `a regex may have at most ${MAX_REGEX_LENGTH} characters, this one has ${source.length}`,
    };
  }
  try {
    const mask = [...flags].reduce((sum, flag) => sum | (FLAGS[flag] ?? 0), 0);
    const pattern = RE2JS.compile(RE2JS.translateRegExp(source), mask);
    if (pattern.programSize() > MAX_REGEX_PROGRAM)
      return { ok: false, message: `${text} stands for too much: lessen its counted repeats` };
    return { ok: true, term: { text, matches: remembered((value) => pattern.test(view(value))) } };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      message: `${text} is not a valid RE2 regex (no backreferences, no lookaround): ${reason}`,
    };
  }
}

export type TermCompiler = (kind: TermKind, text: string) => CompiledTerm;

/** Compiles each term of a spec once, and no more regexes than fit into memory, whatever aliases repeat. */
export function boundedCompiler(compile: TermCompiler): TermCompiler {
  const known = new Map<string, CompiledTerm>();
  let regexes = 0;
  return (kind, text) => {
    const key = `${kind}:${text}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    if (readRegex(text) !== null) regexes += 1;
    const compiled: CompiledTerm =
      regexes > MAX_REGEXES
        ? { ok: false, message: `a spec may have at most ${MAX_REGEXES} regexes` }
        : compile(kind, text);
    known.set(key, compiled);
    return compiled;
  };
}

/** The same names occur thousands of times in a repository, and three commits ask about each of them. */
export function remembered(test: (value: string) => boolean): (value: string) => boolean {
  const known = new Map<string, boolean>();
  return (value) => {
    const before = known.get(value);
    if (before !== undefined) return before;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const result = test(value);
    known.set(value, result);
    return result;
  };
}
