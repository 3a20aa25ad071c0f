import { isAlias, isMap, isScalar, isSeq, Scalar, type Document, type LineCounter, type Node } from 'yaml';
import type { PathSegment } from '../problems.js';

export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Finds places in the text of a plan file. Lines and columns are 1-based. */
export class PlanPositions {
  constructor(
    private readonly text: string,
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
  ) {}

  /** The key or item at the path; where it is absent (a missing key), its nearest parent. */
  readonly locate = (path: readonly PathSegment[]): Partial<Place> => {
    const { offset } = this.find(path);
    return offset === undefined ? {} : this.placeOf(offset);
  };

  /**
   * A place inside a text that the plan file has at the path: in the plan file, where the text stands there line by
   * line (a literal block); else null.
   */
  insideText(path: readonly PathSegment[], place: Place): Place | null {
    const { node } = this.find(path);
    if (!isScalar(node) || node.type !== Scalar.BLOCK_LITERAL || !node.range) return null;
    const first = this.lines.linePos(node.range[0]).line + 1;
    const written = this.text.slice(this.lines.lineStarts[first - 1]).split('\n');
    const value = String(node.value).split('\n');
    const filled = value.findIndex((line) => line.trim() !== '');
    const indent = (written[filled]?.search(/\S/) ?? 0) - (value[filled]?.search(/\S/) ?? 0);
    return { line: first + place.line - 1, column: place.column + indent };
  }

  private find(path: readonly PathSegment[]): { node: unknown; offset: number | undefined } {
    let node: unknown = this.document.contents;
    let offset = startOf(node);
    for (const segment of path) {
      const parent: unknown = isAlias(node) ? node.resolve(this.document) : node;
      if (isMap(parent)) {
        const pair = parent.items.find(
          (item) => isScalar(item.key) && String(item.key.value) === String(segment),
        );
        if (pair === undefined) return { node: undefined, offset };
        offset = startOf(pair.key) ?? offset;
        node = pair.value;
      } else if (isSeq(parent)) {
        node = parent.items[Number(segment)];
        if (node === undefined) return { node, offset };
        offset = startOf(node) ?? offset;
      } else return { node: undefined, offset };
    }
    return { node, offset };
  }

  private placeOf(offset: number): Place {
    const at = this.lines.linePos(offset);
    return { line: at.line, column: at.col };
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}
