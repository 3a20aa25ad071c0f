import { LiteralTexts } from '../sql/literal-text.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { argumentsOf, ROUTER_NAME, type PartsBuilder, type RouterRef } from './route-parts.js';

/** A file without these says nothing about routes of Flask, FastAPI or Django. */
export const PYTHON_HINT =
  /\.\s*(?:get|post|put|patch|delete|head|options|route|api_route|include_router|register_blueprint|mount|add_url_rule|add_api_route)\s*\(|urlpatterns|\b(?:Default|Simple)Router\s*\(|\b(?:APIRouter|Blueprint)\s*\(/;

const CREATOR = '^(\\w+\\.)?(FastAPI|APIRouter|Flask|Blueprint|APIBlueprint|Quart|Starlette|Sanic|APIFlask)$';
const METHODS = /^(?:get|post|put|patch|delete|head|options|trace)$/;
const CALLS = '\\.(include_router|register_blueprint|mount|add_url_rule|add_api_route)$';

/** Reads `import` and `from … import`: which local name comes from which module. */
export function readPythonImports(root: SyntaxNode, parts: PartsBuilder): void {
  for (const node of root.findAll({ kind: 'import_from_statement' })) {
    const match = /^from\s+([.\w\s]*?)\s*import\s+([^]*)$/.exec(node.text());
    if (match === null) continue;
    const from = (match[1] ?? '').replace(/\s/g, '');
    const list = (match[2] ?? '').replace(/#[^\n]*/g, '').replace(/[()\\]/g, ' ');
    if (list.trim() === '*') parts.stars.push(from);
    for (const item of list.split(',')) {
      const [, name, local = name] = /^\s*(\w+)(?:\s+as\s+(\w+))?\s*$/.exec(item) ?? [];
      if (name === undefined || local === undefined) continue;
      parts.imports.set(local, { from, name });
      parts.exports[local] = { from, name };
    }
  }
  for (const node of root.findAll({ kind: 'import_statement' })) {
    for (const item of node
      .text()
      .replace(/^import\s+/, '')
      .split(',')) {
      const [, from, local = from] = /^\s*([\w.]+)(?:\s+as\s+(\w+))?\s*$/.exec(item) ?? [];
      if (from !== undefined && local !== undefined) parts.imports.set(local, { from, name: '*' });
    }
  }
}

/** Applications, routers and blueprints of Flask and FastAPI, their routes and where they are mounted. */
export class PythonRouters {
  private readonly texts: LiteralTexts;

  constructor(
    private readonly root: SyntaxNode,
    private readonly parts: PartsBuilder,
  ) {
    this.texts = new LiteralTexts(root, 'python');
  }

  read(): void {
    this.creators();
    this.parameters();
    this.decorators();
    for (const node of this.root.findAll({ kind: 'call', has: { field: 'function', regex: CALLS } }))
      this.call(node);
    this.handedOn();
  }

  private creators(): void {
    for (const node of this.root.findAll({ kind: 'call', has: { field: 'function', regex: CREATOR } })) {
      const name = node.parent()?.field('left')?.text() ?? '';
      if (!/^[\w.]+$/.test(name)) continue;
      const scope = name.includes('.') ? undefined : functionAround(node);
      const prefix = this.keyword(node, 'prefix') ?? this.keyword(node, 'url_prefix');
      const text = prefix === undefined ? '' : this.texts.exact(prefix);
      if (text === null) this.parts.unknown.push(node.range().start.line + 1);
      const id = this.parts.bind(name, name, scope, { prefixes: [text ?? ''] });
      if (scope === undefined) this.parts.exports[name] = id;
      const made = scope?.field('name')?.text();
      if (made !== undefined && new RegExp(`return\\s+${name}\\b`).test(scope?.text() ?? ''))
        this.parts.exports[`${made}()`] = id;
    }
  }

  private keyword(call: SyntaxNode, name: string): SyntaxNode | undefined {
    const found = argumentsOf(call).find(
      (arg) => arg.is('keyword_argument') && arg.field('name')?.text() === name,
    );
    return found?.field('value') ?? undefined;
  }

  private positional(call: SyntaxNode, index: number): SyntaxNode | undefined {
    return argumentsOf(call).filter((arg) => !arg.is('keyword_argument'))[index];
  }

  private parameters(): void {
    const regex =
      '\\b(app|router|api|bp|blueprint|server|application|\\w+_(router|bp|app))\\b|FastAPI|APIRouter|Flask|Blueprint';
    for (const node of this.root.findAll({
      kind: 'function_definition',
      has: { field: 'parameters', regex },
    })) {
      const found = node
        .field('parameters')
        ?.namedChildren()
        .find((parameter) => {
          const text = parameter.text();
          return (
            /:\s*(?:\w+\.)?(?:FastAPI|APIRouter|Flask|Blueprint)\b/.test(text) ||
            ROUTER_NAME.test(/^\w+/.exec(text)?.[0] ?? '')
          );
        });
      const name = node.field('name')?.text() ?? '';
      if (!found) continue;
      const id = this.parts.bind(/^\w+/.exec(found.text())?.[0] ?? '', `fn:${name}`, node);
      this.parts.exports[name] ??= id;
    }
  }

  private decorators(): void {
    const regex = '^@[\\w.]+\\.(get|post|put|patch|delete|head|options|trace|route|api_route)\\b';
    for (const node of this.root.findAll({ kind: 'decorator', regex })) {
      const call = node.namedChildren()[0];
      if (call?.is('call') !== true) continue;
      const callee = call.field('function');
      const name = callee?.field('attribute')?.text() ?? '';
      const router = this.router(callee?.field('object') ?? null);
      if (router === null) continue;
      const path = this.positional(call, 0) ?? this.keyword(call, 'path') ?? this.keyword(call, 'rule');
      this.add(router, METHODS.test(name) ? [name] : this.methods(call, 'GET'), path, node);
    }
  }

  private add(
    found: { router: RouterRef; likely: boolean },
    methods: readonly string[],
    path: SyntaxNode | undefined,
    node: SyntaxNode,
  ): void {
    const text = path === undefined ? null : this.texts.exact(path);
    if (text !== null && text !== '' && !text.startsWith('/')) return;
    for (const method of methods) this.parts.route(found.router, method, text, node, found.likely);
  }

  private methods(call: SyntaxNode, fallback: string): readonly string[] {
    const list = this.keyword(call, 'methods');
    if (list === undefined) return [fallback];
    return list.namedChildren().map((item) => this.texts.exact(item) ?? 'ANY');
  }

  private router(node: SyntaxNode | null): { router: RouterRef; likely: boolean } | null {
    if (node === null) return null;
    const local = this.parts.lookup(node.text(), node.range().start.index);
    if (local !== null) return { router: local, likely: false };
    const likely = ROUTER_NAME.test(node.text());
    const ref = this.ref(node);
    if (ref !== null) return { router: ref, likely };
    return likely ? { router: this.parts.bind(node.text(), node.text(), undefined), likely } : null;
  }

  private ref(node: SyntaxNode): RouterRef | null {
    const text = node.text();
    const local = this.parts.lookup(text, node.range().start.index);
    if (local !== null) return local;
    if (node.is('identifier'))
      return this.parts.routers[`fn:${text}`] === undefined ? this.parts.imported(text) : `fn:${text}`;
    if (node.is('call')) {
      const callee = node.field('function');
      const made = this.parts.exports[`${callee?.text() ?? ''}()`];
      if (made !== undefined) return made;
      const ref = callee === null ? null : this.ref(callee);
      if (ref === null || typeof ref === 'string') return null;
      return ref.member === undefined
        ? { ...ref, name: `${ref.name}()` }
        : { ...ref, member: `${ref.member}()` };
    }
    if (!/^\w+(?:\.\w+)+$/.test(text)) return null;
    const dot = text.lastIndexOf('.');
    const whole = this.parts.imports.get(text.slice(0, dot));
    if (whole?.name === '*') return { from: whole.from, name: text.slice(dot + 1) };
    const [first = '', ...members] = text.split('.');
    return members.length === 1 ? this.parts.imported(first, members[0]) : null;
  }

  private call(node: SyntaxNode): void {
    const callee = node.field('function');
    const name = callee?.field('attribute')?.text() ?? '';
    const parent = this.router(callee?.field('object') ?? null);
    if (parent === null) return;
    if (name === 'add_url_rule' || name === 'add_api_route') {
      const path = this.positional(node, 0) ?? this.keyword(node, 'rule') ?? this.keyword(node, 'path');
      this.add(parent, this.methods(node, node.text().includes('as_view') ? 'ANY' : 'GET'), path, node);
      return;
    }
    const isMount = name === 'mount';
    const target =
      this.positional(node, isMount ? 1 : 0) ??
      this.keyword(node, isMount ? 'app' : name === 'include_router' ? 'router' : 'blueprint');
    const child = target === undefined ? null : this.ref(target);
    if (child === null) return;
    const prefix = isMount
      ? this.positional(node, 0)
      : (this.keyword(node, 'prefix') ?? this.keyword(node, 'url_prefix'));
    const text = prefix === undefined ? '' : this.texts.exact(prefix);
    this.parts.mount(parent.router, child, text, node, name === 'register_blueprint' && prefix !== undefined);
  }

  /** `set_up(app)`: the function's router is the one that it is given. */
  private handedOn(): void {
    const names = this.parts.names.map((name) => name.replaceAll('.', '\\.'));
    if (names.length === 0) return;
    const regex = `[(,]\\s*(${names.join('|')})\\s*[,)]`;
    for (const node of this.root.findAll({ kind: 'call', has: { field: 'arguments', regex } })) {
      const callee = node.field('function');
      if (
        callee === null ||
        /\.(?:include_router|register_blueprint|mount|add_url_rule|add_api_route)$/.test(callee.text())
      )
        continue;
      const child = this.ref(callee);
      if (child === null) continue;
      for (const arg of argumentsOf(node)) {
        const router = this.parts.lookup(arg.text(), arg.range().start.index);
        if (router !== null && router !== child) this.parts.mount(router, child, '', node);
      }
    }
  }
}

function functionAround(node: SyntaxNode): SyntaxNode | undefined {
  return node.ancestors().find((found) => found.is('function_definition'));
}
