import { compile, type Search } from './search.js';
import type { SyntaxTree } from './syntax-tree.js';

interface Place {
  /** 0-based, as the column. */
  readonly line: number;
  readonly column: number;
  /** In the text. */
  readonly index: number;
}

/** One node of a tree that is lent by `withTree`. */
export class SyntaxNode {
  constructor(
    private readonly tree: SyntaxTree,
    /** Its place in the order of the source, parents first. */
    private readonly at: number,
  ) {}

  id(): number {
    return this.at;
  }

  get start(): number {
    return this.tree.start(this.at);
  }

  get end(): number {
    return this.tree.end(this.at);
  }

  kind(): string {
    return this.tree.kindName(this.at);
  }

  is(kind: string): boolean {
    return this.kind() === kind;
  }

  text(): string {
    return this.tree.textOf(this.at);
  }

  range(): { readonly start: Place; readonly end: Place } {
    return { start: this.tree.place(this.start), end: this.tree.place(this.end) };
  }

  parent(): SyntaxNode | null {
    const parent = this.tree.parent(this.at);
    return parent < 0 ? null : new SyntaxNode(this.tree, parent);
  }

  /** From its parent outwards. */
  ancestors(): SyntaxNode[] {
    const found: SyntaxNode[] = [];
    for (let node = this.parent(); node !== null; node = node.parent()) found.push(node);
    return found;
  }

  children(): SyntaxNode[] {
    const { tree, at } = this;
    const found: SyntaxNode[] = [];
    const end = tree.next(at);
    for (let child = at + 1; child < end; child = tree.next(child)) found.push(new SyntaxNode(tree, child));
    return found;
  }

  namedChildren(): SyntaxNode[] {
    return this.children().filter((child) => this.tree.isNamed(child.at));
  }

  /** Its first child of this field. */
  field(name: string): SyntaxNode | null {
    const child = this.tree.childOf(this.at, name);
    return child < 0 ? null : new SyntaxNode(this.tree, child);
  }

  matches(search: Search): boolean {
    return compile(search, this.tree.grammar)(this.tree, this.at);
  }

  /** Itself and what is inside, in the order of the source. */
  findAll(search: Search): SyntaxNode[] {
    const { tree, at } = this;
    const test = compile(search, tree.grammar);
    const found: SyntaxNode[] = [];
    for (let node = at, end = tree.next(at); node < end; node += 1) {
      if (test(tree, node)) found.push(new SyntaxNode(tree, node));
    }
    return found;
  }

  /** Itself and what is inside, by the group that the number of each kind has; 0: none. */
  grouped(groupOf: Uint8Array, groups: number): SyntaxNode[][] {
    const { tree, at } = this;
    const lists: SyntaxNode[][] = Array.from({ length: groups }, () => []);
    for (let node = at, end = tree.next(at); node < end; node += 1) {
      const group = groupOf[tree.kind(node)] ?? 0;
      if (group !== 0) lists[group]?.push(new SyntaxNode(tree, node));
    }
    return lists;
  }
}
