import { LiteralTexts, type SourceLanguage } from '../sql/literal-text.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { argumentsOf, type PartsBuilder, type RouterRef } from './route-parts.js';

/** A file without these says nothing about routes of NestJS. */
export const NEST_HINT = /@(?:Controller|Module)\s*\(|\.setGlobalPrefix\s*\(|\.enableVersioning\s*\(/;

const METHOD = /^(?:Get|Post|Put|Patch|Delete|Head|Options|All|Search)$/;

interface Class {
  readonly name: string;
  readonly router: string;
  readonly start: number;
  readonly end: number;
}

/** Controllers with their routes, modules with their prefixes, and what holds for the whole application. */
export function readNest(root: SyntaxNode, language: SourceLanguage, parts: PartsBuilder): void {
  const texts = new LiteralTexts(root, language);
  const regex = '^@(Controller|Module|Get|Post|Put|Patch|Delete|Head|Options|All|Search)\\b';
  const decorators = root.findAll({ kind: 'decorator', regex }).map((node) => {
    const call = node.namedChildren()[0];
    const name = call?.field('function')?.text() ?? '';
    return { node, name, first: call === undefined ? undefined : argumentsOf(call)[0] };
  });
  const classes: Class[] = [];
  for (const { node, name, first } of decorators) {
    if (name === 'Controller') controller(node, first, texts, parts, classes);
  }
  for (const { node, name, first } of decorators) {
    if (!METHOD.test(name)) continue;
    const at = node.range().start.index;
    const owner = classes.filter((found) => found.start <= at && at <= found.end).at(-1);
    if (owner === undefined) continue;
    const method = name === 'All' ? 'ANY' : name;
    for (const path of paths(first, texts)) parts.route(owner.router, method, path, node);
  }
  for (const { node, name, first } of decorators)
    if (name === 'Module' && first?.is('object')) module(node, first, texts, parts);
  application(root, texts, parts);
}

function controller(
  node: SyntaxNode,
  first: SyntaxNode | undefined,
  texts: LiteralTexts,
  parts: PartsBuilder,
  classes: Class[],
): void {
  const declaration = classOf(node);
  if (declaration === null) return;
  const name = declaration.field('name')?.text() ?? 'default';
  const object = first?.is('object') === true ? first : undefined;
  const prefixes = object === undefined ? paths(first, texts) : paths(member(object, 'path'), texts);
  const version = object === undefined ? undefined : member(object, 'version');
  const versions = version === undefined ? [] : paths(version, texts).filter((found) => found !== null);
  if (prefixes.includes(null)) parts.unknown.push(node.range().start.line + 1);
  const known = prefixes.filter((prefix) => prefix !== null);
  const id = `class:${name}`;
  parts.routers[id] = { prefixes: known, nest: { versions } };
  parts.exports[name] = id;
  if (
    declaration
      .parent()
      ?.children()
      .some((child) => child.is('default'))
  )
    parts.exports['default'] = id;
  const { start, end } = declaration.range();
  classes.push({ name, router: id, start: start.index, end: end.index });
}

function classOf(decorator: SyntaxNode): SyntaxNode | null {
  const parent = decorator.parent();
  if (parent?.is('export_statement') !== true) return parent;
  return parent.namedChildren().find((child) => /class_declaration$/.test(String(child.kind()))) ?? null;
}

/** No argument is the empty path. */
function paths(node: SyntaxNode | undefined, texts: LiteralTexts): (string | null)[] {
  if (node === undefined) return [''];
  return node.is('array') ? node.namedChildren().map((child) => texts.exact(child)) : [texts.exact(node)];
}

function member(object: SyntaxNode, key: string): SyntaxNode | undefined {
  return (
    object
      .namedChildren()
      .find((pair) => pair.field('key')?.text() === key)
      ?.field('value') ?? undefined
  );
}

function reference(node: SyntaxNode, parts: PartsBuilder, kind: 'class' | 'module'): RouterRef | null {
  const name = /^[\w$]+/.exec(node.text())?.[0] ?? '';
  return parts.imported(name) ?? (name === '' ? null : `${kind}:${name}`);
}

/** A module is the parent of its controllers; its own prefix comes from a RouterModule. */
function module(node: SyntaxNode, object: SyntaxNode, texts: LiteralTexts, parts: PartsBuilder): void {
  const name = classOf(node)?.field('name')?.text() ?? 'default';
  const id = `module:${name}`;
  parts.routers[id] = { prefixes: [''], nest: { versions: [] } };
  parts.exports[name] = id;
  for (const found of member(object, 'controllers')?.namedChildren() ?? []) {
    const child = reference(found, parts, 'class');
    if (child !== null) parts.mount(id, child, '', found);
  }
  const imported = member(object, 'imports')?.namedChildren() ?? [];
  for (const call of imported.filter((found) => found.text().startsWith('RouterModule.'))) {
    const list = argumentsOf(call)[0];
    if (list?.is('array')) prefixed(list, '', texts, parts);
  }
}

/** `[{ path, module, children: [{ path, module }, Module] }]` of a RouterModule. */
function prefixed(list: SyntaxNode, outer: string, texts: LiteralTexts, parts: PartsBuilder): void {
  const modules = [...(parts.nest?.modules ?? [])];
  const add = (node: SyntaxNode, prefix: string) => {
    const ref = reference(node, parts, 'module');
    if (ref !== null) modules.push({ module: ref, prefix });
  };
  const nested: { list: SyntaxNode; prefix: string }[] = [];
  for (const item of list.namedChildren()) {
    if (!item.is('object')) {
      add(item, outer);
      continue;
    }
    const path = member(item, 'path');
    const own = path === undefined ? '' : texts.exact(path);
    if (own === null) parts.unknown.push(item.range().start.line + 1);
    const prefix = `${outer}/${own ?? ''}`;
    const target = member(item, 'module');
    if (target !== undefined) add(target, prefix);
    const children = member(item, 'children');
    if (children?.is('array')) nested.push({ list: children, prefix });
  }
  parts.nest = { ...parts.nest, modules };
  for (const child of nested) prefixed(child.list, child.prefix, texts, parts);
}

function application(root: SyntaxNode, texts: LiteralTexts, parts: PartsBuilder): void {
  const regex = '\\.(setGlobalPrefix|enableVersioning)$';
  for (const call of root.findAll({ kind: 'call_expression', has: { field: 'function', regex } })) {
    const [first, options] = argumentsOf(call);
    const modules = parts.nest?.modules ?? [];
    if (call.field('function')?.text().endsWith('setGlobalPrefix') === true) {
      const prefix = texts.exact(first ?? null);
      if (prefix === null) parts.unknown.push(call.range().start.line + 1);
      const listed = options?.is('object') ? member(options, 'exclude') : undefined;
      const excluded = (listed?.namedChildren() ?? []).map((item) =>
        texts.exact(item.is('object') ? (member(item, 'path') ?? null) : item),
      );
      const exclude = excluded.filter((path) => path !== null);
      parts.nest = { ...parts.nest, modules, globalPrefix: { prefix: prefix ?? '', exclude } };
      continue;
    }
    const type = first?.is('object') ? (member(first, 'type')?.text() ?? 'URI') : 'URI';
    if (!type.endsWith('URI')) continue;
    const written = first?.is('object') ? member(first, 'prefix') : undefined;
    const versionPrefix = written === undefined ? 'v' : (texts.exact(written) ?? '');
    parts.nest = { ...parts.nest, modules, versionPrefix };
  }
}
