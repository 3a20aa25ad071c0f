import { mayMatch } from '../text-gate.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import type { PartsBuilder } from './route-parts.js';

const METHOD = /^(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/;

/** Reads imports and `require` of a script file: which local name comes from where. */
export function readImports(root: SyntaxNode, parts: PartsBuilder): void {
  for (const node of root.findAll({ kind: 'import_statement' })) {
    const match = /^import\s+(?:type\s+)?([^]*?)\s*from\s*(['"])(.*?)\2/.exec(node.text());
    if (match === null) continue;
    const [, clause = '', , from = ''] = match;
    const braces = /\{([^]*)\}/.exec(clause)?.[1];
    const star = /\*\s*as\s+([\w$]+)/.exec(clause)?.[1];
    const single = /^[\w$]+/.exec(clause)?.[0];
    if (single !== undefined) parts.imports.set(single, { from, name: 'default' });
    if (star !== undefined) parts.imports.set(star, { from, name: '*' });
    for (const [name, local] of pairs(braces ?? '')) parts.imports.set(local, { from, name });
  }
  const requires = mayMatch(root.text(), 'require\\(')
    ? root.findAll({ kind: 'variable_declarator', regex: 'require\\(' })
    : [];
  for (const node of requires) {
    const match = /^(\{[^}]*\}|[\w$]+)[^=]*=\s*require\(\s*(['"`])(.*?)\2\s*\)(?:\.([\w$]+))?\s*$/.exec(
      node.text(),
    );
    if (match === null) continue;
    const [, target = '', , from = '', member] = match;
    if (!target.startsWith('{')) parts.imports.set(target, { from, name: member ?? 'default' });
    else for (const [name, local] of pairs(target.slice(1, -1))) parts.imports.set(local, { from, name });
  }
}

/** `a, b as c, d: e` of an import, an export or a pattern. */
function pairs(text: string): [name: string, local: string][] {
  return text
    .replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '')
    .split(',')
    .map((item) => item.trim().replace(/^type\s+/, ''))
    .filter((item) => /^[\w$]+/.test(item))
    .map((item) => {
      const [name = '', local = name] = item.split(/\s+as\s+|\s*:\s*/);
      return [name, local];
    });
}

/** What an export of the file gives; `resolve` tells which router a local expression is. */
export type ResolveLocal = (node: SyntaxNode | string) => ReturnType<PartsBuilder['imported']>;

/** Reads the exports of a script file, ES modules and CommonJS, and the handlers among them. */
export function readExports(root: SyntaxNode, parts: PartsBuilder, resolve: ResolveLocal): void {
  const give = (name: string, local: SyntaxNode | string) => {
    const ref = resolve(local);
    if (ref !== null) parts.exports[name] = ref;
    if (typeof local !== 'string') return;
    const returned = resolve(`${local}()`);
    if (returned !== null) parts.exports[`${name}()`] = returned;
  };
  for (const node of root.findAll({ kind: 'export_statement' })) readExport(node, parts, give);
  const assigned = {
    kind: 'assignment_expression',
    has: { field: 'left', regex: '^(module\\.)?exports\\b' },
  };
  for (const node of mayMatch(root.text(), assigned.has.regex) ? root.findAll(assigned) : []) {
    const left = node.field('left')?.text() ?? '';
    const right = node.field('right');
    if (right === null) continue;
    const name = /^(?:module\.)?exports\.([\w$]+)$/.exec(left)?.[1];
    if (name !== undefined) give(name, local(right));
    else if (left === 'module.exports' && right.is('object')) {
      for (const member of right.namedChildren()) {
        const key = member.field('key')?.text() ?? member.text();
        give(key, local(member.field('value') ?? member));
      }
    } else if (left === 'module.exports') give('default', local(right));
  }
}

/** A name as text, so that what a function of this name returns is exported too. */
function local(node: SyntaxNode): SyntaxNode | string {
  if (node.is('identifier') || node.is('shorthand_property_identifier')) return node.text();
  return node.is('function_expression') ? (node.field('name')?.text() ?? node) : node;
}

function readExport(
  node: SyntaxNode,
  parts: PartsBuilder,
  give: (name: string, local: SyntaxNode | string) => void,
): void {
  const from = node.field('source')?.text().slice(1, -1);
  const line = node.range().start.line + 1;
  const clause = node.children().find((child) => child.is('export_clause'));
  const isDefault = node.children().some((child) => child.is('default'));
  if (from !== undefined) {
    if (clause === undefined) {
      const star = /\*\s*as\s+([\w$]+)/.exec(node.text())?.[1];
      if (star === undefined) parts.stars.push(from);
      else parts.exports[star] = { from, name: '*' };
    }
    for (const [name, exported] of pairs(clause?.text().slice(1, -1) ?? '')) {
      parts.exports[exported] = { from, name };
      if (METHOD.test(exported)) parts.handlers.push({ method: exported, line });
    }
    return;
  }
  for (const [name, exported] of pairs(clause?.text().slice(1, -1) ?? '')) {
    give(exported, name);
    if (METHOD.test(exported)) parts.handlers.push({ method: exported, line });
    if (exported === 'default') parts.handlers.push({ method: 'ANY', line });
  }
  const declaration = node.field('declaration') ?? node.field('value');
  if (declaration === null) return;
  if (isDefault) {
    parts.handlers.push({ method: 'ANY', line });
    give(
      'default',
      declaration.is('identifier') ? declaration.text() : (declaration.field('name')?.text() ?? declaration),
    );
    return;
  }
  const declarators = declaration.namedChildren().filter((child) => child.is('variable_declarator'));
  const names = [declaration, ...declarators].map((child) => child.field('name'));
  const destructured = names.flatMap((name) =>
    name?.is('object_pattern') ? pairs(name.text().slice(1, -1)).map(([, to]) => to) : [],
  );
  for (const name of [...names.map((found) => found?.text() ?? ''), ...destructured]) {
    if (!/^[\w$]+$/.test(name)) continue;
    give(name, name);
    if (METHOD.test(name)) parts.handlers.push({ method: name, line });
  }
}
