import type { SgNode } from '@ast-grep/napi';
import { argumentsOf } from './route-parts.js';

/** The function in `fp(function)`, `await x`, `(x)`, `x as y`. */
export function unwrapped(node: SgNode): SgNode {
  if (/^(?:parenthesized|await|as|non_null|satisfies)_expression$/.test(String(node.kind())))
    return unwrapped(node.namedChildren()[0] ?? node);
  if (
    !node.is('call_expression') ||
    !/^(?:fp|fastifyPlugin|plugin)$/.test(node.field('function')?.text() ?? '')
  )
    return node;
  const [first] = argumentsOf(node);
  return first === undefined ? node : unwrapped(first);
}

/** The name of a parameter, without its type and modifiers. */
export function parameterName(text: string): string {
  return /^(?:(?:public|private|protected|readonly)\s+)*([\w$]+)/.exec(text)?.[1] ?? '';
}

/** The name that a function is known by: its own, or that of the variable it is put into. */
export function nameOf(node: SgNode): string {
  const own = node.field('name')?.text();
  if (own !== undefined) return own;
  let holder = node.parent();
  while (
    holder?.is('call_expression') ||
    holder?.is('arguments') ||
    holder?.is('as_expression') ||
    holder?.is('satisfies_expression')
  )
    holder = holder.parent();
  if (holder?.is('variable_declarator')) return holder.field('name')?.text() ?? '';
  if (holder?.is('pair')) return holder.field('key')?.text() ?? '';
  return holder?.is('export_statement') ? 'default' : '';
}

/** Whether a first argument that cannot be computed is a path: a text with a slash in it. */
export function looksLikePath(node: SgNode): boolean {
  return /['"`]\/|\/['"`]|\}\/|(?:path|route|url|prefix)/i.test(node.text());
}
