import type { FileFacts, FunctionRange } from './facts.js';
import type { Lens, Probe } from './lens.js';
import { byPath } from './path-order.js';
import type { SpecRule } from './spec.js';

export interface Hit {
  readonly file: string;
  readonly line: number;
}

/** Where a rule's demand holds: the whole scope, or what is near a hit of `when`. */
export interface Place {
  readonly files: readonly FileFacts[];
  /** Lines of the file that belong to it; absent: all of them. */
  readonly covers?: (line: number) => boolean;
  /** The first hit of `when` that made it one. */
  readonly hit?: Hit;
}

export interface Places {
  readonly places: readonly Place[];
  /** Why places may be missing; null where none is. */
  readonly gap: string | null;
}

/** Every place where a rule's demand holds, among the files of its scope. */
export function findPlaces(rule: SpecRule, lenses: readonly Lens[], scoped: readonly FileFacts[]): Places {
  const { when } = rule;
  if (when === undefined) return { places: [{ files: scoped }], gap: null };
  const probes = lenses.flatMap((lens) => lens.probes(when));
  const found = [...scoped]
    .sort(byPath)
    .map((file) => ({ file, lines: probes.flatMap((probe) => probe.lines(file)).sort((a, b) => a - b) }))
    .filter(({ lines }) => lines.length > 0);
  const hitOf = (entry: (typeof found)[number]) => ({ file: entry.file.path, line: entry.lines[0] ?? 0 });
  const first = found[0];
  const hiding = scoped
    .filter((file) => probes.some((probe) => probe.hidden(file).length > 0))
    .sort(byPath)[0];
  const unread =
    hiding === undefined
      ? null
      : `${hiding.path} holds SQL that cannot be read to its end, and may be one of its places`;
  if (first === undefined) return { places: [], gap: unread };
  if (rule.within === 'scope') return { places: [{ files: scoped, hit: hitOf(first) }], gap: null };
  if (rule.within === 'file') {
    return { places: found.map((entry) => ({ files: [entry.file], hit: hitOf(entry) })), gap: unread };
  }
  const blind = found.find(({ file }) => file.functions === undefined);
  return {
    places: found.flatMap(({ file, lines }) => placesInFunctions(file, lines)),
    gap: blind === undefined ? unread : `where functions begin and end in ${blind.file.path} is not known`,
  };
}

/** One place per function around a hit; hits outside of functions share the lines that are in none. */
function placesInFunctions(file: FileFacts, lines: readonly number[]): Place[] {
  const { functions } = file;
  if (functions === undefined) return [];
  const places = new Map<string, Place>();
  for (const line of lines) {
    const range = innermost(functions, line);
    const key = range === null ? '' : `${range.startLine}-${range.endLine}`;
    if (places.has(key)) continue;
    const covers =
      range === null ? (at: number) => innermost(functions, at) === null : (at: number) => lies(range, at);
    places.set(key, { files: [file], covers, hit: { file: file.path, line } });
  }
  return [...places.values()];
}

/** Of the functions around a line the one that begins last and, of those, ends first. */
function innermost(functions: readonly FunctionRange[], line: number): FunctionRange | null {
  let best: FunctionRange | null = null;
  for (const range of functions) {
    if (!lies(range, line)) continue;
    const later = best === null || range.startLine > best.startLine;
    if (later || (range.startLine === best?.startLine && range.endLine < best.endLine)) best = range;
  }
  return best;
}

function lies(range: FunctionRange, line: number): boolean {
  return range.startLine <= line && line <= range.endLine;
}

/** Hits of a probe in files, or in the lines of one place. */
export function hitsOf(files: readonly FileFacts[], probe: Probe, covers?: (line: number) => boolean): Hit[] {
  return files.flatMap((file) =>
    probe
      .lines(file)
      .filter((line) => covers?.(line) ?? true)
      .map((line) => ({ file: file.path, line })),
  );
}
