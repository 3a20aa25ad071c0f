import { LiteralTexts } from '../sql/literal-text.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { argumentsOf, type PartsBuilder, type RouterPart, type RouterRef } from './route-parts.js';

/** A file without these is no URL configuration of Django. */
export const DJANGO_HINT =
  /\burlpatterns\b|\b(?:re_)?path\s*\(|\burl\s*\(\s*r?['"]\^|\b(?:Default|Simple)Router\s*\(/;

const PATTERNS: RouterPart = { prefixes: [''], join: 'text' };

/** URL patterns of Django, lists of them, and what they include; routers of the REST framework. */
export function readDjango(root: SyntaxNode, parts: PartsBuilder): void {
  if (!/\bdjango\b|\brest_framework\b|\burlpatterns\b/.test(root.text())) return;
  const texts = new LiteralTexts(root, 'python');
  restRouters(root, texts, parts);
  const regex = '^(\\w+\\.)?(path|re_path|url)$';
  for (const node of root.findAll({ kind: 'call', has: { field: 'function', regex } })) {
    const place = placeOf(node, texts);
    if (place === null) continue;
    const list = listId(place.list, parts);
    const [route, target] = argumentsOf(node);
    const own = route === undefined ? null : texts.exact(route);
    if (own === null || place.prefix === null) {
      parts.unknown.push(node.range().start.line + 1);
      continue;
    }
    const path = place.prefix + plain(own);
    if (target === undefined || includesInPlace(target)) continue;
    const included = includedIn(target, texts, parts);
    if (included === null) parts.route(list, 'ANY', path, node);
    else parts.mount(list, included, path, node);
  }
}

function listId(name: string, parts: PartsBuilder): string {
  if (parts.lookup(name, 0) === null) parts.bind(name, name, undefined, PATTERNS);
  parts.exports[name] = name;
  return name;
}

/** Anchors of regular expressions are no part of a path. */
function plain(route: string): string {
  return route.replace(/^\^/, '').replace(/(?<!\\)\$$/, '');
}

/** The list that a pattern stands in, and the prefixes of the patterns around it; null where it is in no list. */
function placeOf(node: SyntaxNode, texts: LiteralTexts): { list: string; prefix: string | null } | null {
  let prefix: string | null = '';
  for (const ancestor of node.ancestors()) {
    if (ancestor.is('assignment') || ancestor.is('augmented_assignment')) {
      const name = ancestor.field('left')?.text() ?? '';
      return /^\w+$/.test(name) ? { list: name, prefix } : null;
    }
    if (ancestor.is('call')) {
      const name = ancestor.field('function')?.text() ?? '';
      if (/^(?:\w+\.)?(?:path|re_path|url)$/.test(name)) {
        const outer = texts.exact(argumentsOf(ancestor)[0] ?? null);
        prefix = outer === null || prefix === null ? null : plain(outer) + prefix;
      } else if (/^(?:urlpatterns)\.(?:append|extend|insert)$/.test(name))
        return { list: 'urlpatterns', prefix };
      else if (!/^(?:\w+\.)?(?:include|i18n_patterns|format_suffix_patterns|decorator_include)$/.test(name))
        return null;
    }
    if (ancestor.is('function_definition')) return null;
  }
  return null;
}

function isInclude(node: SyntaxNode): boolean {
  return node.is('call') && /(?:^|\.)(?:decorator_)?include$/.test(node.field('function')?.text() ?? '');
}

function includesInPlace(target: SyntaxNode): boolean {
  if (!isInclude(target)) return false;
  const [first] = argumentsOf(target);
  return (
    first?.is('list') === true ||
    (first?.is('tuple') === true && first.namedChildren()[0]?.is('list') === true)
  );
}

function includedIn(target: SyntaxNode, texts: LiteralTexts, parts: PartsBuilder): RouterRef | null {
  if (!isInclude(target)) return null;
  const args = argumentsOf(target);
  let first = args[args.length > 1 && target.field('function')?.text().endsWith('decorator_include') ? 1 : 0];
  if (first?.is('tuple')) first = first.namedChildren()[0];
  if (first === undefined) return null;
  const module = texts.exact(first);
  if (module !== null) return { from: module, name: 'urlpatterns' };
  const name = first.text().replace(/\.urls$/, '');
  const local = parts.lookup(name, 0);
  if (local !== null) return local;
  const [head = '', member] = first.text().split('.');
  const imported = parts.imports.get(head);
  if (imported === undefined) return name === first.text() ? listId(name, parts) : null;
  if (member !== undefined && member !== 'urls') return parts.imported(head, member);
  if (imported.name === '*') return { from: imported.from, name: 'urlpatterns' };
  return name === first.text() ? { ...imported, member: 'urlpatterns' } : imported;
}

/** `router.register('users', …)` of a REST router: a list and one of its items. */
function restRouters(root: SyntaxNode, texts: LiteralTexts, parts: PartsBuilder): void {
  const regex = '^(\\w+\\.)?(Default|Simple)Router$';
  for (const node of root.findAll({ kind: 'call', has: { field: 'function', regex } })) {
    const name = node.parent()?.field('left')?.text() ?? '';
    if (/^\w+$/.test(name)) listId(name, parts);
  }
  for (const node of root.findAll({ kind: 'call', has: { field: 'function', regex: '^\\w+\\.register$' } })) {
    const router = parts.lookup(node.field('function')?.field('object')?.text() ?? '', 0);
    const [first] = argumentsOf(node);
    if (router === null || first === undefined) continue;
    const prefix = texts.exact(first);
    parts.route(router, 'ANY', prefix === null ? null : `${prefix}/`, node);
    if (prefix !== null) parts.route(router, 'ANY', `${prefix}/<pk>/`, node);
  }
}
