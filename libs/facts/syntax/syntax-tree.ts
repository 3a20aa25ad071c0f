import { ERROR_KIND, type OpenGrammar } from './grammars.js';

/** Rows of the table: what a node is, in the order of the source, parents first. */
const KIND = 0;
const FIELD = 1;
const START = 2;
const END = 3;
const PARENT = 4;
const NEXT = 5;
const COLUMNS = 6;
const FIRST_NODES = 16_384;

/** Tables that no tree uses; more than one where trees are read inside of each other. */
const spare: Int32Array[] = [];
/** A larger table is not kept for the next file. */
const MAX_SPARE = 4 * 1024 * 1024;

/**
 * The nodes of one text, by their place in the order of the source: all of them are copied out of the parser in one walk,
 * and its own tree is freed at once.
 */
export class SyntaxTree {
  readonly count: number;
  private table: Int32Array;
  private lineStarts: number[] | null = null;

  constructor(
    readonly grammar: OpenGrammar,
    readonly text: string,
  ) {
    this.table = spare.pop() ?? new Int32Array(FIRST_NODES * COLUMNS);
    const parsed = grammar.parser.parse(text);
    if (parsed === null) throw new Error('the parser gave no tree');
    try {
      // The cursor that `walk` makes is the one that the calls of `copy` move.
      parsed.walk();
      this.count = this.copy((parsed as unknown as readonly [number])[0]);
    } finally {
      parsed.delete();
    }
  }

  kind(node: number): number {
    return this.table[node * COLUMNS + KIND] ?? 0;
  }

  /** 0: its parent has no field for it. */
  field(node: number): number {
    return this.table[node * COLUMNS + FIELD] ?? 0;
  }

  start(node: number): number {
    return this.table[node * COLUMNS + START] ?? 0;
  }

  end(node: number): number {
    return this.table[node * COLUMNS + END] ?? 0;
  }

  /** -1: it is the root. */
  parent(node: number): number {
    return this.table[node * COLUMNS + PARENT] ?? -1;
  }

  /** The first node after everything inside of this one. */
  next(node: number): number {
    return this.table[node * COLUMNS + NEXT] ?? this.count;
  }

  kindName(node: number): string {
    const kind = this.kind(node);
    return kind === ERROR_KIND ? 'ERROR' : (this.grammar.kinds[kind] ?? '');
  }

  isNamed(node: number): boolean {
    const kind = this.kind(node);
    return kind === ERROR_KIND || this.grammar.named[kind] === 1;
  }

  /** The first child of this field; -1: none. */
  childOf(node: number, field: string): number {
    const wanted = this.grammar.fields.get(field);
    if (wanted === undefined) return -1;
    const end = this.next(node);
    for (let child = node + 1; child < end; child = this.next(child)) {
      if (this.field(child) === wanted) return child;
    }
    return -1;
  }

  textOf(node: number): string {
    return this.text.slice(this.start(node), this.end(node));
  }

  /** 0-based. */
  place(offset: number): { readonly line: number; readonly column: number; readonly index: number } {
    const starts = (this.lineStarts ??= lineStarts(this.text));
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return { line: low - 1, column: offset - (starts[low - 1] ?? 0), index: offset };
  }

  /** Gives its table to the next tree. */
  release(): void {
    if (this.table.length <= MAX_SPARE) spare.push(this.table);
    this.table = new Int32Array(0);
  }

  private copy(tree: number): number {
    const {
      _ts_tree_cursor_goto_first_child_wasm: down,
      _ts_tree_cursor_goto_next_sibling_wasm: on,
      _ts_tree_cursor_goto_parent_wasm: up,
      _ts_tree_cursor_current_node_type_id_wasm: kindOf,
      _ts_tree_cursor_current_field_id_wasm: fieldOf,
      _ts_tree_cursor_start_index_wasm: startOf,
      _ts_tree_cursor_end_index_wasm: endOf,
      _ts_tree_cursor_delete_wasm: done,
    } = this.grammar.cursor;
    const { leftOut } = this.grammar;
    let { table } = this;
    let count = 0;
    let parent = -1;
    for (;;) {
      const kind = kindOf(tree);
      if (leftOut[kind] !== 1) {
        const row = count * COLUMNS;
        if (row === table.length) table = this.grow();
        table[row + KIND] = kind;
        table[row + FIELD] = fieldOf(tree);
        table[row + START] = startOf(tree);
        table[row + END] = endOf(tree);
        table[row + PARENT] = parent;
        table[row + NEXT] = count + 1;
        count += 1;
        if (down(tree) === 1) {
          parent = count - 1;
          continue;
        }
      }
      while (on(tree) !== 1) {
        if (parent < 0) {
          done(tree);
          return count;
        }
        up(tree);
        table[parent * COLUMNS + NEXT] = count;
        parent = table[parent * COLUMNS + PARENT] ?? -1;
      }
    }
  }

  private grow(): Int32Array {
    const larger = new Int32Array(this.table.length * 2);
    larger.set(this.table);
    this.table = larger;
    return larger;
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
