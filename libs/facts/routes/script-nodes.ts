import type { SyntaxNode } from '../syntax/syntax-node.js';
import { argumentsOf } from './route-parts.js';

/** The function in `fp(function)`, `await x`, `(x)`, `x as y`. */
export function unwrapped(node: SyntaxNode): SyntaxNode {
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
export function nameOf(node: SyntaxNode): string {
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
export function looksLikePath(node: SyntaxNode): boolean {
  return /['"`]\/|\/['"`]|\}\/|(?:path|route|url|prefix)/i.test(node.text());
}

/**
 * Whether the result of a call is used as a request's is: `await api.post('/x', body)`. A receiver that only its name
 * makes a router is held to more, because clients of an API have the same names.
 */
export function isRequest(call: SyntaxNode, likely: boolean): boolean {
  const parent = call.parent();
  if (parent === null) return false;
  if (parent.is('await_expression')) return true;
  if (parent.is('member_expression')) {
    const next = parent.field('property')?.text() ?? '';
    return /^(?:then|catch|finally|json|data|body|text|expect|send|set|query|pipe|subscribe)$/.test(next);
  }
  const taken =
    /^(?:variable_declarator|return_statement|arrow_function|assignment_expression|arguments|pair)$/;
  return likely && taken.test(String(parent.kind()));
}
