import { literal, matchWildcards, STAR, type WildcardToken } from './wildcard.js';

/**
 * Globs over repository-relative POSIX paths: `**`, `*`, `?`, `{a,b}`, `[a-z]`, `[!a]`, `\` escapes. Dotfiles
 * match like any other. Matching is O(pattern × path), since specs may come from a model and paths from an agent.
 */

type Segment = 'globstar' | readonly WildcardToken[];

const MAX_ALTERNATIVES = 256;

/** A compiled glob. */
export type GlobMatcher = (path: string) => boolean;

/** Compiles one glob. Braces that would expand to more than 256 globs are refused with an error. */
export function compileGlob(glob: string): GlobMatcher {
  const expanded = expandBraces(glob.startsWith('./') ? glob.slice(2) : glob);
  // A rule about files asks every path of the repository.
  if (!expanded.some((text) => /[*?[\]\\]/.test(text))) return (path) => expanded.includes(path);
  const alternatives = expanded.map(splitSegments);
  return (path) => {
    const parts = path.split('/');
    return alternatives.some((segments) => matchSegments(segments, parts));
  };
}

/** Compiles a list to "matches any of them"; an empty list matches nothing. */
export function compileGlobs(globs: readonly string[]): GlobMatcher {
  const matchers = globs.map(compileGlob);
  return (path) => matchers.some((matches) => matches(path));
}

/** Says what makes a glob useless here, or null. A glob that can never match would make a rule silently green. */
export function globProblem(glob: string): string | null {
  if (glob.trim() === '') return 'an empty glob matches nothing';
  if (glob.startsWith('/')) return `'${glob}' starts with '/': globs are relative to the repository's root`;
  if (glob.endsWith('/')) return `'${glob}' ends with '/': write '${glob}**' for everything below it`;
  if (glob.startsWith('!')) return `'${glob}' is a negation: list it under 'exclude' without the '!'`;
  if (/[?*+@!]\(/.test(glob)) return `'${glob}' uses an extended glob, which is not supported: use braces`;
  if (glob.split('/').some((segment) => segment === '..')) return `'${glob}' leaves the repository`;
  try {
    compileGlob(glob);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Expands braces before segments are split, since alternatives may hold slashes. Braces without a comma are literal. */
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  while (open.length > 0) {
    const current = open.pop() ?? '';
    const brace = firstBrace(current);
    if (brace === null) done.push(current);
    else for (const alternative of brace.alternatives) open.push(brace.before + alternative + brace.after);
    if (done.length + open.length > MAX_ALTERNATIVES) {
      throw new Error(`'${glob.slice(0, 80)}' expands to more than ${MAX_ALTERNATIVES} globs`);
    }
  }
  return done;
}

interface Brace {
  readonly before: string;
  readonly alternatives: readonly string[];
  readonly after: string;
}

/** The first brace group that has a comma at its own depth. */
function firstBrace(glob: string): Brace | null {
  for (let start = 0; start < glob.length; start += 1) {
    if (glob[start] === '\\') start += 1;
    else if (glob[start] === '{') {
      const brace = braceAt(glob, start);
      if (brace !== null) return brace;
    }
  }
  return null;
}

function braceAt(glob: string, start: number): Brace | null {
  const commas: number[] = [];
  let depth = 0;
  for (let at = start; at < glob.length; at += 1) {
    const character = glob[at];
    if (character === '\\') at += 1;
    else if (character === '{') depth += 1;
    else if (character === ',' && depth === 1) commas.push(at);
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return commas.length === 0 ? null : cutBrace(glob, start, at, commas);
    }
  }
  return null;
}

function cutBrace(glob: string, start: number, end: number, commas: readonly number[]): Brace {
  const edges = [start, ...commas, end];
  const alternatives = edges.slice(1).map((edge, index) => glob.slice((edges[index] ?? 0) + 1, edge));
  return { before: glob.slice(0, start), alternatives, after: glob.slice(end + 1) };
}

function splitSegments(glob: string): Segment[] {
  return glob.split('/').map((segment) => (segment === '**' ? 'globstar' : tokens(segment)));
}

function tokens(segment: string): WildcardToken[] {
  const result: WildcardToken[] = [];
  for (let at = 0; at < segment.length; at += 1) {
    const character = segment[at] ?? '';
    if (character === '*') {
      if (result.at(-1) !== STAR) result.push(STAR);
    } else if (character === '?') result.push(() => true);
    else if (character === '[') {
      const set = characterClass(segment, at);
      result.push(set === null ? literal('[') : set.accepts);
      if (set !== null) at = set.end;
    } else if (character === '\\' && at + 1 < segment.length) {
      at += 1;
      result.push(literal(segment[at] ?? ''));
    } else result.push(literal(character));
  }
  return result;
}

/** Parses `[…]` at `start`; null when it never closes, then the bracket is a literal. */
function characterClass(
  segment: string,
  start: number,
): { accepts: (c: string) => boolean; end: number } | null {
  let at = start + 1;
  const negated = segment[at] === '!' || segment[at] === '^';
  if (negated) at += 1;
  const ranges: [string, string][] = [];
  const first = at;
  for (; at < segment.length && (segment[at] !== ']' || at === first); at += 1) {
    if (segment[at] === '\\') at += 1;
    const from = segment[at] ?? '';
    const upper = segment[at + 2];
    if (segment[at + 1] === '-' && upper !== undefined && upper !== ']') {
      ranges.push([from, upper]);
      at += 2;
    } else ranges.push([from, from]);
  }
  if (at >= segment.length) return null;
  return { end: at, accepts: (c) => ranges.some(([from, to]) => from <= c && c <= to) !== negated };
}

/** Reachability over (segment, part): each globstar takes zero or more parts, any other segment exactly one. */
function matchSegments(segments: readonly Segment[], parts: readonly string[]): boolean {
  let reachable = new Set([0]);
  for (const segment of segments) {
    const next = new Set<number>();
    if (segment === 'globstar')
      for (let to = Math.min(...reachable); to <= parts.length; to += 1) next.add(to);
    else {
      for (const at of reachable) {
        if (at < parts.length && matchSegment(segment, parts[at] ?? '')) next.add(at + 1);
      }
    }
    reachable = next;
    if (reachable.size === 0) return false;
  }
  return reachable.has(parts.length);
}

/** An empty part lies beside a slash too many: no star stands for it. */
function matchSegment(segment: readonly WildcardToken[], part: string): boolean {
  return part === '' ? segment.length === 0 : matchWildcards(segment, part);
}
