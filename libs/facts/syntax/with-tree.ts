import type { Grammar } from '../languages.js';
import { grammarOf } from './grammars.js';
import { SyntaxNode } from './syntax-node.js';
import { SyntaxTree } from './syntax-tree.js';

/**
 * Parses a text and lends its tree. Nodes must not outlive the call: their table belongs to the next tree.
 *
 * @throws Error if the grammar was not opened
 */
export function withTree<T>(grammar: Grammar, text: string, use: (root: SyntaxNode) => T): T {
  const tree = new SyntaxTree(grammarOf(grammar), text);
  try {
    return use(new SyntaxNode(tree, 0));
  } finally {
    tree.release();
  }
}
