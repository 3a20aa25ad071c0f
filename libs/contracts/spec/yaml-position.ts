import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';

export type SpecPath = readonly (string | number)[];

export interface SpecError {
  readonly message: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  /** Where in the document, e.g. `rules[0].severity`; empty for the whole of it. */
  readonly path: string;
}

/** Finds the place in the text that an error about a value, or about one of a map's keys, should point at. */
export class YamlPositions {
  constructor(
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
  ) {}

  /** Where a value stands, for a message that names a second place. */
  placeOf(path: SpecPath): string {
    const { line, column } = this.locate(path);
    return `line ${line}, column ${column}`;
  }

  error(message: string, path: SpecPath, key?: string): SpecError {
    return { message, path: showPath(key === undefined ? path : [...path, key]), ...this.locate(path, key) };
  }

  /** The deepest node of the path that exists; with `key`, that key of the map there. */
  private locate(path: SpecPath, key?: string): { line: number; column: number } {
    let node: Node | null = this.document.contents;
    let start = startOf(node);
    for (const step of path) {
      const child: Node | null = childOf(this.resolve(node), step);
      if (child === null) break;
      node = child;
      start = startOf(child) ?? start;
    }
    const map = this.resolve(node);
    if (key !== undefined && isMap(map)) {
      const pair = map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
      start = (isScalar(pair?.key) ? startOf(pair.key) : null) ?? start;
    }
    const { line, col } = this.lines.linePos(start ?? 0);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  private resolve(node: Node | null): Node | null {
    return isAlias(node) ? (node.resolve(this.document) ?? null) : node;
  }
}

function childOf(node: Node | null, step: string | number): Node | null {
  if (isSeq(node)) return (node.items[Number(step)] as Node | undefined) ?? null;
  if (!isMap(node)) return null;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
  return (pair?.value as Node | null | undefined) ?? null;
}

function startOf(node: Node | null): number | null {
  return node?.range?.[0] ?? null;
}

function showPath(path: SpecPath): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`;
    return shown === '' ? step : `${shown}.${step}`;
  }, '');
}
