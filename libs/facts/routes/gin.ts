import { LiteralTexts } from '../sql/literal-text.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { argumentsOf, ROUTER_NAME, type PartsBuilder, type RouterRef } from './route-parts.js';

/** A file without these says nothing about routes of Gin. */
export const GIN_HINT = /\bgin\b|\.(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|Any|Group)\(/;

const METHODS = 'GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|Any|Handle|Match';
const PARAMETER = /^(\w+)\s+\*?(?:gin\.)?(?:Engine|RouterGroup|IRouter|IRoutes)$/;

/** Engines and groups of Gin, their routes, and the functions that they are handed to. */
export class GinRouters {
  private readonly texts: LiteralTexts;
  private readonly groups = new Map<number, RouterRef>();

  constructor(
    private readonly root: SyntaxNode,
    private readonly parts: PartsBuilder,
  ) {
    this.texts = new LiteralTexts(root, 'go');
  }

  read(): void {
    if (!this.root.text().includes('gin-gonic/gin') && !/\bgin\./.test(this.root.text())) return;
    this.imports();
    for (const node of this.root.findAll({
      kind: 'call_expression',
      has: { field: 'function', regex: '^gin\\.(Default|New)$' },
    }))
      this.engine(node);
    this.functions();
    for (const node of this.call('\\.Group$')) this.group(node);
    for (const node of this.call(`\\.(${METHODS})$`)) this.route(node);
    this.handedOn();
  }

  private call(regex: string): SyntaxNode[] {
    return this.root.findAll({ kind: 'call_expression', has: { field: 'function', regex } });
  }

  private imports(): void {
    for (const node of this.root.findAll({ kind: 'import_spec' })) {
      const [, local, from = ''] = /^(?:([\w.]+)\s+)?["`](.*)["`]$/.exec(node.text().trim()) ?? [];
      this.parts.imports.set(local ?? from.slice(from.lastIndexOf('/') + 1), { from, name: '*' });
    }
  }

  private engine(node: SyntaxNode): void {
    const name = assignedTo(node);
    if (name === null) return;
    const scope = name.includes('.') ? undefined : functionAround(node);
    const id = this.parts.bind(name, name, scope);
    const made = scope?.field('name')?.text();
    if (made !== undefined && new RegExp(`return\\s+${name}\\b`).test(scope?.text() ?? ''))
      this.parts.exports[`${made}()`] = id;
  }

  private functions(): void {
    const any = [{ kind: 'function_declaration' }, { kind: 'method_declaration' }, { kind: 'func_literal' }];
    const regex = '(Engine|RouterGroup|IRouter|IRoutes)';
    for (const node of this.root.findAll({ any, has: { field: 'parameters', regex } })) {
      const parameter = node
        .field('parameters')
        ?.namedChildren()
        .map((child) => PARAMETER.exec(child.text())?.[1])
        .find((name) => name !== undefined);
      if (parameter === undefined) continue;
      const name = node.field('name')?.text() ?? `${node.range().start.line + 1}`;
      const receiver = /\*?(\w+)(?:\[[^\]]*\])?\s*\)$/.exec(node.field('receiver')?.text() ?? '')?.[1];
      const label = receiver === undefined ? name : `${receiver}.${name}`;
      const id = this.parts.bind(parameter, `fn:${label}`, node);
      this.parts.exports[label] = id;
    }
  }

  private group(node: SyntaxNode): void {
    const parent = this.router(node.field('function')?.field('operand') ?? null);
    if (parent === null || this.groups.has(node.id())) return;
    const { start } = node.range();
    const name = assignedTo(node) ?? `#${start.line + 1}:${start.column}`;
    const id = this.parts.bind(name, `group:${name}`, functionAround(node));
    this.groups.set(node.id(), id);
    this.parts.mount(parent.router, id, this.texts.exact(argumentsOf(node)[0] ?? null), node);
  }

  private router(node: SyntaxNode | null): { router: RouterRef; likely: boolean } | null {
    if (node === null) return null;
    if (node.is('call_expression')) {
      const callee = node.field('function');
      if (callee?.field('field')?.text() === 'Group') this.group(node);
      const made = this.groups.get(node.id());
      if (made !== undefined) return { router: made, likely: false };
      return callee?.is('selector_expression') ? this.router(callee.field('operand')) : null;
    }
    const text = node.text();
    const local = this.parts.lookup(text, node.range().start.index);
    if (local !== null) return { router: local, likely: false };
    return ROUTER_NAME.test(text) ||
      /^(?:r|g|rg|v\d+|e|engine|group|\w+\.(?:r|engine|router|Router|Engine|app))$/.test(text)
      ? { router: this.parts.bind(text, text, undefined), likely: true }
      : null;
  }

  private route(node: SyntaxNode): void {
    const callee = node.field('function');
    const method = callee?.field('field')?.text() ?? '';
    const found = this.router(callee?.field('operand') ?? null);
    const args = argumentsOf(node);
    if (found === null || args.length < 2) return;
    const place = callee?.field('field') ?? node;
    const add = (verb: string, path: SyntaxNode | undefined) => {
      const text = path === undefined ? null : this.texts.exact(path);
      this.parts.route(found.router, verb, text, place, found.likely);
    };
    if (method === 'Handle')
      return add(this.texts.exact(args[0] ?? null) ?? httpConstant(args[0]) ?? 'ANY', args[1]);
    if (method !== 'Match') return add(method === 'Any' ? 'ANY' : method, args[0]);
    const list =
      args[0]?.findAll({ any: [{ kind: 'interpreted_string_literal' }, { kind: 'selector_expression' }] }) ??
      [];
    for (const item of list) add(this.texts.exact(item) ?? httpConstant(item) ?? 'ANY', args[1]);
  }

  /** `users.Register(group)`, `h.Register(r.Group("/x"))`: the function's router is the one that it is given. */
  private handedOn(): void {
    const names = this.parts.names
      .filter((name) => /^[\w.]+$/.test(name))
      .map((name) => name.replaceAll('.', '\\.'));
    const regex = `[(,]\\s*(${[...names, '[\\w.]+\\.Group\\(.*\\)'].join('|')})\\s*[,)]`;
    for (const node of this.root.findAll({ kind: 'call_expression', has: { field: 'arguments', regex } })) {
      const callee = node.field('function');
      if (callee === null || new RegExp(`\\.(?:${METHODS}|Group|Use)$`).test(callee.text())) continue;
      const child = this.callee(callee);
      if (child === null) continue;
      for (const arg of argumentsOf(node)) {
        const made = arg.is('call_expression')
          ? this.router(arg)?.router
          : this.parts.lookup(arg.text(), arg.range().start.index);
        if (made !== undefined && made !== null && made !== child) this.parts.mount(made, child, '', node);
      }
    }
  }

  /** A function of the package, of another one, or a method, whose type only the resolution can tell. */
  private callee(node: SyntaxNode): RouterRef | null {
    if (node.is('identifier')) return { from: '.', name: node.text() };
    const operand = node.field('operand');
    const name = node.field('field')?.text() ?? '';
    if (operand === null || name === '') return null;
    const imported = this.parts.imports.get(operand.text());
    return imported === undefined
      ? { from: '', name, member: operand.text() }
      : { from: imported.from, name };
  }
}

function httpConstant(node: SyntaxNode | undefined): string | undefined {
  return /^http\.Method(\w+)$/.exec(node?.text() ?? '')?.[1]?.toUpperCase();
}

/** The variable that takes the value of a call. */
function assignedTo(node: SyntaxNode): string | null {
  let holder = node.parent();
  if (holder?.is('expression_list')) holder = holder.parent();
  const name = (holder?.field('left') ?? holder?.field('name'))?.text() ?? holder?.field('key')?.text() ?? '';
  return /^[\w.]+$/.test(name) ? name : null;
}

function functionAround(node: SyntaxNode): SyntaxNode | undefined {
  return node
    .ancestors()
    .find((found) => /^(?:function_declaration|method_declaration|func_literal)$/.test(String(found.kind())));
}
