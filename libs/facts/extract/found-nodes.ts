import type { NapiConfig, SgNode } from '@ast-grep/napi';
import type { GrammarRules } from './grammar-nodes.js';

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A node with its place. */
export interface Found extends Span {
  readonly node: SgNode;
}

/** What becomes of the nodes that are searched for. */
export const ROLES = [
  'functions',
  'types',
  'imports',
  'comments',
  'elements',
  'assignments',
  'members',
  'calls',
  'literals',
  'holes',
  'unclear',
  'others',
  'broken',
] as const;
export type Role = (typeof ROLES)[number];
export type FoundNodes = Readonly<Record<Role, readonly Found[]>>;

/** All nodes of a rule in the order of the file. */
export function find(root: SgNode, rule: NapiConfig | null): Found[] {
  if (rule === null) return [];
  return root.findAll(rule).map((node) => {
    // An edit is the cheapest answer of the parser that holds both places.
    const { startPos: start, endPos: end } = node.replace('');
    return { node, start, end };
  });
}

/** Every walk over the tree costs a fifth of parsing, and every answer of a node as much as a line: one walk finds all. */
export function findNodes(
  root: SgNode,
  text: string,
  rule: NapiConfig | null,
  rules: GrammarRules,
): FoundNodes {
  const found = Object.fromEntries(ROLES.map((role) => [role, [] as Found[]])) as Record<Role, Found[]>;
  const ends = new Set<number>();
  for (const each of find(root, rule)) {
    const role =
      (rules.isScript ? roleByText(each, text, ends) : null) ?? rules.roles.get(String(each.node.kind()));
    if (role === undefined) continue;
    if (role === 'calls') ends.add(each.end);
    found[role].push(each);
  }
  return found;
}

/** The role where the text alone tells it: asking for the kind costs as much as finding the node. */
function roleByText({ start, end }: Span, text: string, callEnds: ReadonlySet<number>): Role | null {
  const first = text[start];
  // What ends with a call, and begins with a bracket inside of it, is its list.
  if (first === '(') return callEnds.has(end) ? 'calls' : null;
  if (first === '/') return text[start + 1] === '/' || text[start + 1] === '*' ? 'comments' : null;
  if (first === '"' || first === "'") return text.indexOf(first, start + 1) === end - 1 ? 'literals' : null;
  return null;
}
