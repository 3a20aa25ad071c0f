import { LiteralTexts } from '../sql/literal-text.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { argumentsOf, type PartsBuilder } from './route-parts.js';

/** A file without these says nothing about routes of Spring. */
export const SPRING_HINT = /@(?:Request|Get|Post|Put|Patch|Delete)Mapping\b/;

const CONTROLLER = /@(?:\w+\.)*(?:RestController|Controller|RequestMapping)\b/;
const TYPES = /^(?:class|interface|record)_declaration$/;

/** Methods of controllers that are mapped to paths; clients that are declared the same way are none. */
export function readSpring(root: SyntaxNode, parts: PartsBuilder): void {
  const texts = new LiteralTexts(root, 'java');
  const any = [{ kind: 'annotation' }, { kind: 'marker_annotation' }];
  const regex = '^@(\\w+\\.)*(Request|Get|Post|Put|Patch|Delete)Mapping\\b';
  for (const node of root.findAll({ any, regex })) {
    const owner = node.parent()?.parent();
    if (owner?.is('method_declaration') !== true) continue;
    const type = owner.ancestors().find((found) => TYPES.test(String(found.kind())));
    if (type === undefined) continue;
    const modifiers = modifiersOf(type);
    if (
      /@FeignClient\b|@HttpExchange\b/.test(modifiers) ||
      (type.is('class_declaration') && !CONTROLLER.test(modifiers) && !/\babstract\b/.test(modifiers))
    )
      continue;
    const router = controller(type, texts, parts);
    const paths = pathsOf(node, texts);
    for (const method of methodsOf(node)) for (const path of paths) parts.route(router, method, path, node);
  }
}

function modifiersOf(type: SyntaxNode): string {
  return (
    type
      .children()
      .find((child) => child.is('modifiers'))
      ?.text() ?? ''
  );
}

function controller(type: SyntaxNode, texts: LiteralTexts, parts: PartsBuilder): string {
  const id = `class:${type.field('name')?.text() ?? ''}@${type.range().start.line + 1}`;
  if (parts.routers[id] !== undefined) return id;
  const annotations =
    type
      .children()
      .find((child) => child.is('modifiers'))
      ?.namedChildren() ?? [];
  const mapping = annotations.find((found) =>
    /(?:^|\.)RequestMapping$/.test(found.field('name')?.text() ?? ''),
  );
  const prefixes = mapping === undefined ? [''] : pathsOf(mapping, texts);
  if (prefixes.includes(null)) parts.unknown.push(type.range().start.line + 1);
  parts.routers[id] = { prefixes: prefixes.filter((prefix) => prefix !== null) };
  return id;
}

function argument(annotation: SyntaxNode, keys: RegExp): SyntaxNode | undefined {
  const args = argumentsOf(annotation);
  const pair = args.find((arg) => arg.is('element_value_pair') && keys.test(arg.field('key')?.text() ?? ''));
  if (pair !== undefined) return pair.field('value') ?? undefined;
  return keys.test('value') ? args.find((arg) => !arg.is('element_value_pair')) : undefined;
}

/** No path is the empty one. */
function pathsOf(annotation: SyntaxNode, texts: LiteralTexts): (string | null)[] {
  const value = argument(annotation, /^(?:value|path)$/);
  if (value === undefined) return [''];
  return value.is('element_value_array_initializer')
    ? value.namedChildren().map((item) => texts.exact(item))
    : [texts.exact(value)];
}

function methodsOf(annotation: SyntaxNode): readonly string[] {
  const name = annotation.field('name')?.text() ?? '';
  const own = /(Get|Post|Put|Patch|Delete)Mapping$/.exec(name)?.[1];
  if (own !== undefined) return [own];
  const found = argument(annotation, /^method$/)
    ?.text()
    .match(/\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE)\b/g);
  return found ?? ['ANY'];
}
