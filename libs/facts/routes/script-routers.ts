import { LiteralTexts, type SourceLanguage } from '../sql/literal-text.js';
import { mayMatch } from '../text-gate.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { argumentsOf, ROUTER_NAME, type PartsBuilder, type RouterRef } from './route-parts.js';
import { readExports, readImports } from './script-modules.js';
import { isRequest, looksLikePath, nameOf, parameterName, unwrapped } from './script-nodes.js';

const CREATOR =
  '^require\\([^)]*(express|fastify)[^)]*\\)(\\.Router)?$|^(\\w+\\.)?(express|Router|fastify|Fastify|PromiseRouter)$|^(\\w+\\.)?(Hono|OpenAPIHono|Router|KoaRouter)$';
/** Packages that make routers, and what of them does. */
const FRAMEWORK =
  /^(?:express|express-promise-router|fastify|hono|hono\/.*|@hono\/zod-openapi|@?koa[-/]router)$/;
const MADE_BY = /^(?:default|\*|Router|fastify|Fastify|Hono|OpenAPIHono)$/;
const FUNCTIONS = [
  'arrow_function',
  'function_declaration',
  'function_expression',
  'method_definition',
  'function',
];
const ROUTER_TYPE =
  /:\s*(?:\w+\.)?(?:FastifyInstance|Express|Application|Router|IRouter|Hono|OpenAPIHono|FastifyPluginInstance|Fastify\w*Instance)\b/;
const METHODS = 'get|post|put|patch|delete|del|head|options|all|trace';
const CALLS = `\\.(${METHODS}|use|register|route|on|basePath)$`;
const IS_METHOD = new RegExp(`^(?:${METHODS})$`);

/** A file without a router's name and one of its calls can hold no route of these frameworks. */
export const ROUTER_HINT =
  /express|[fF]astify|[hH]ono\b|koa|[rR]outer|[rR]outes|[aA]pp\b|[aA]pi\b|[sS]erver\b|\binstance\b|\bengine\b|\bapplication\b/;
export const SCRIPT_HINT =
  /\.\s*(?:(?:get|post|put|patch|delete|del|head|options|all|trace|on)\s*(?:<[^]{0,200}?>)?\s*\(\s*(?:['"`[/]|[\w$.]+\s*[,+]|\()|(?:use|register|route|basePath)\s*(?:<[^]{0,200}?>)?\s*\()|\brequire\([^)]*\)\(/;

/** What a call's receiver is: a router, and the path that a chain has set by `.route(path)`. */
interface Receiver {
  readonly router: RouterRef;
  readonly route?: string | null;
  readonly likely: boolean;
}

/** Routes of Express, Fastify and Hono, and of routers that are built like theirs. */
export class ScriptRouters {
  private readonly texts: LiteralTexts;
  private readonly text: string;
  private readonly created = new Map<number, string>();
  private readonly returned = new Map<string, string>();
  private readonly functions = new Map<number, string>();
  /** Routers that only their names tell. */
  private readonly guessed = new Set<string>();
  private readonly receivers = new Map<number, Receiver | null>();

  constructor(
    private readonly root: SyntaxNode,
    language: SourceLanguage,
    private readonly parts: PartsBuilder,
  ) {
    this.texts = new LiteralTexts(root, language);
    this.text = root.text();
  }

  read(hasCalls: boolean): void {
    readImports(this.root, this.parts);
    if (hasCalls) {
      this.creators();
      this.parameters();
      this.calls();
      this.handedOn();
    }
    readExports(this.root, this.parts, (node) =>
      typeof node === 'string' ? this.named(node, 0) : this.ref(node),
    );
  }

  private creators(): void {
    const made = [...this.parts.imports]
      .filter(([, { from, name }]) => FRAMEWORK.test(from) && MADE_BY.test(name))
      .map(([local]) => local.replaceAll('$', '\\$'));
    const regex = `${CREATOR}|^(${made.join('|') || 'express'})$`;
    const any = [
      { kind: 'call_expression', has: { field: 'function', regex } },
      { kind: 'new_expression', has: { field: 'constructor', regex } },
    ];
    for (const node of mayMatch(this.text, CREATOR) ? this.root.findAll({ any }) : []) {
      const ancestors = node.ancestors();
      let top = 0;
      while (
        /^(?:member_expression|call_expression|await_expression|parenthesized_expression|as_expression|satisfies_expression|non_null_expression)$/.test(
          String(ancestors[top]?.kind()),
        )
      )
        top += 1;
      const holder = ancestors[top];
      const name = (holder?.field('name') ?? holder?.field('left'))?.text() ?? '';
      const property = holder?.is('public_field_definition') || holder?.is('field_definition');
      const scope =
        name.startsWith('this.') || property
          ? undefined
          : ancestors.find((found) => FUNCTIONS.includes(String(found.kind())));
      const { start } = node.range();
      const label = /^[\w$.]+$/.test(name)
        ? property
          ? `this.${name}`
          : name
        : `#${start.line + 1}:${start.column}`;
      const id = this.parts.bind(label, label, scope, { prefixes: [this.ownPrefix(node)] });
      this.created.set(node.id(), id);
      const of = scope === undefined ? '' : nameOf(scope);
      const gives = holder?.is('return_statement') || holder?.id() === scope?.id();
      if (
        of !== '' &&
        (gives || new RegExp(`return\\s+${label.replace(/[$.#]/g, '\\$&')}\\b`).test(scope?.text() ?? ''))
      ) {
        this.returned.set(of, id);
      }
    }
  }

  /** `new Router({ prefix: '/x' })`. */
  private ownPrefix(node: SyntaxNode): string {
    const option = argumentsOf(node)[0];
    return (option?.is('object') ? this.option(option, 'prefix') : null) ?? '';
  }

  private option(object: SyntaxNode, key: string): string | null | undefined {
    const pair = object
      .namedChildren()
      .find((child) => child.field('key')?.text().replace(/['"]/g, '') === key);
    return pair === undefined ? undefined : this.texts.exact(pair.field('value'));
  }

  private parameters(): void {
    const regex =
      '\\b\\w*([aA]pp|[rR]outer|[rR]outes|[sS]erver|[fF]astify|[aA]pi|instance|engine)\\b|FastifyInstance|Express|Hono|Router|Application';
    if (!mayMatch(this.text, regex)) return;
    const functions = FUNCTIONS.slice(0, 4).map((kind) => ({ kind }));
    const parameters = {
      any: [{ has: { field: 'parameters', regex } }, { has: { field: 'parameter', regex } }],
    };
    for (const node of this.root.findAll({ all: [{ any: functions }, parameters] })) {
      const list = node.field('parameters')?.namedChildren() ?? [node.field('parameter')];
      const found = list.find((parameter) => {
        const text = parameter?.text() ?? '';
        return (
          ROUTER_TYPE.test(text) ||
          /^(?:\w*[fF]astify|instance)\b/.test(text) ||
          ROUTER_NAME.test(parameterName(text))
        );
      });
      if (found) this.takes(node, parameterName(found.text()));
    }
  }

  /** A function that is given a router; its id stands for whatever the router is. */
  private takes(node: SyntaxNode, parameter: string): string {
    const known = this.functions.get(node.id());
    if (known !== undefined) return known;
    const { start } = node.range();
    const id = this.parts.bind(parameter, `fn:${nameOf(node) || `${start.line + 1}:${start.column}`}`, node);
    this.functions.set(node.id(), id);
    return id;
  }

  private calls(): void {
    if (!mayMatch(this.text, CALLS)) return;
    const nodes = this.root.findAll({ kind: 'call_expression', has: { field: 'function', regex: CALLS } });
    const methodOf = (node: SyntaxNode) => node.field('function')?.field('property')?.text() ?? '';
    const calls = nodes.map((node) => ({ node, method: methodOf(node) }));
    // Functions that are registered in place are routers to the calls inside of them.
    for (const call of calls) if (call.method === 'register') this.register(call.node);
    for (const { node, method } of calls) {
      if (method === 'register') continue;
      const receiver = this.receiver(node.field('function')?.field('object') ?? null);
      if (receiver === null) continue;
      const args = argumentsOf(node);
      if (IS_METHOD.test(method)) this.route(node, method, receiver, args);
      else if (method === 'on') this.onMethods(node, receiver, args);
      else if (method === 'use' || (method === 'route' && args.length > 1)) this.use(node, receiver, args);
      else if (method === 'route' && args[0]?.is('object')) this.routeObject(node, receiver, args[0]);
      else if (method === 'basePath') this.receiver(node);
    }
  }

  private route(node: SyntaxNode, method: string, receiver: Receiver, args: readonly SyntaxNode[]): void {
    const verb = method === 'all' ? 'ANY' : method === 'del' ? 'DELETE' : method;
    const place = node.field('function')?.field('property') ?? node;
    if (receiver.route !== undefined && args.length > 0) {
      this.parts.route(receiver.router, verb, receiver.route, place, receiver.likely);
      return;
    }
    // One argument reads a setting or a value.
    if (args.length < 2 || isRequest(node, receiver.likely)) return;
    for (const path of this.paths(args[0] as SyntaxNode)) {
      if (path === null && !looksLikePath(args[0] as SyntaxNode)) continue;
      if (path !== null && path !== '' && !/^[/*(:]/.test(path)) continue;
      this.parts.route(receiver.router, verb, path, place, receiver.likely);
    }
  }

  /** A path, or an array of them; a regular expression as it is written. */
  private paths(node: SyntaxNode): (string | null)[] {
    if (node.is('array')) return node.namedChildren().flatMap((child) => this.paths(child));
    if (node.is('regex')) return [node.text()];
    return [this.texts.exact(node)];
  }

  private onMethods(node: SyntaxNode, receiver: Receiver, args: readonly SyntaxNode[]): void {
    if (args.length < 3) return;
    for (const method of this.paths(args[0] as SyntaxNode)) {
      if (method === null || !/^[A-Z]+$/.test(method)) continue;
      for (const path of this.paths(args[1] as SyntaxNode))
        this.parts.route(receiver.router, method, path, node, receiver.likely);
    }
  }

  /** `fastify.route({ method, url })`. */
  private routeObject(node: SyntaxNode, receiver: Receiver, object: SyntaxNode): void {
    const value = (keys: RegExp) =>
      object
        .namedChildren()
        .find((pair) => keys.test(pair.field('key')?.text() ?? ''))
        ?.field('value');
    const url = value(/^(?:url|path)$/);
    const methods = value(/^method$/);
    if (url === undefined || url === null || !methods) return;
    const path = this.texts.exact(url);
    for (const method of this.paths(methods)) {
      if (method === null) this.parts.unknown.push(node.range().start.line + 1);
      else this.parts.route(receiver.router, method === '*' ? 'ANY' : method, path, node, receiver.likely);
    }
  }

  /** `app.use(path?, …routers)`, `app.route(path, router)`. */
  private use(node: SyntaxNode, receiver: Receiver, args: readonly SyntaxNode[]): void {
    const [first, ...rest] = args;
    if (first === undefined) return;
    const own = this.ref(first);
    const prefixes = own === null ? this.paths(first) : [''];
    const routers = (own === null ? rest : args).flatMap((arg) =>
      arg.is('array') ? arg.namedChildren() : [arg],
    );
    for (const child of routers) {
      const ref = this.ref(child) ?? this.taken(child);
      if (ref === null) continue;
      for (const prefix of prefixes) this.parts.mount(receiver.router, ref, prefix, node);
    }
  }

  private taken(node: SyntaxNode): string | null {
    return this.functions.get(node.id()) ?? null;
  }

  /** `fastify.register(plugin, { prefix })`. */
  private register(node: SyntaxNode): void {
    const receiver = this.receiver(node.field('function')?.field('object') ?? null);
    const [plugin, options] = argumentsOf(node);
    if (receiver === null || plugin === undefined) return;
    const inline = unwrapped(plugin);
    const parameter = FUNCTIONS.includes(String(inline.kind()))
      ? (inline.field('parameters')?.namedChildren()[0] ?? inline.field('parameter'))
      : null;
    const child = parameter ? this.takes(inline, parameterName(parameter.text())) : this.ref(plugin);
    if (child === null) return;
    const prefix = options?.is('object') ? this.option(options, 'prefix') : undefined;
    this.parts.mount(receiver.router, child, prefix === undefined ? '' : prefix, node);
  }

  /** `setUp(app)`, `require('./routes')(app)`: the function's router is the one that it is given. */
  private handedOn(): void {
    const names = this.parts.names
      .filter((name) => /^[\w$.]+$/.test(name))
      .map((name) => name.replace(/[$.]/g, '\\$&'));
    if (names.length === 0) return;
    const regex = `[(,]\\s*(${names.join('|')})\\s*[,)]`;
    for (const node of this.root.findAll({ kind: 'call_expression', has: { field: 'arguments', regex } })) {
      const callee = node.field('function');
      if (callee === null || (callee.is('member_expression') && new RegExp(CALLS).test(callee.text())))
        continue;
      const child = callee.is('call_expression') ? this.required(callee) : this.ref(callee);
      if (child === null) continue;
      for (const arg of argumentsOf(node)) {
        const router = this.parts.lookup(arg.text(), arg.range().start.index);
        if (router !== null && router !== child) this.parts.mount(router, child, '', node);
      }
    }
  }

  private receiver(node: SyntaxNode | null): Receiver | null {
    if (node === null) return null;
    const known = this.receivers.get(node.id());
    if (known !== undefined) return known;
    const found = this.findReceiver(node);
    this.receivers.set(node.id(), found);
    return found;
  }

  private findReceiver(node: SyntaxNode): Receiver | null {
    const created = this.created.get(node.id());
    if (created !== undefined) return { router: created, likely: false };
    if (/^(?:parenthesized|await|as|non_null|satisfies)_expression$/.test(String(node.kind())))
      return this.receiver(node.namedChildren()[0] ?? null);
    if (node.is('call_expression')) return this.chained(node);
    const text = node.text();
    const local = this.parts.lookup(text, node.range().start.index);
    if (local !== null) return { router: local, likely: this.guessed.has(local) };
    if (!/^[\w$.]+$/.test(text)) return null;
    const ref = this.ref(node);
    const likely = ROUTER_NAME.test(text);
    if (ref !== null && typeof ref !== 'string') return { router: ref, likely };
    if (!likely) return null;
    const guess = this.parts.bind(text, text, undefined);
    this.guessed.add(guess);
    return { router: guess, likely };
  }

  private chained(node: SyntaxNode): Receiver | null {
    const callee = node.field('function');
    const inner = this.receiver(callee?.field('object') ?? null);
    if (inner === null) return null;
    const method = callee?.field('property')?.text() ?? '';
    const [first] = argumentsOf(node);
    if (method === 'route' && argumentsOf(node).length === 1 && first !== undefined && !first.is('object'))
      return { ...inner, route: this.texts.exact(first) };
    if (method !== 'basePath' || first === undefined) return inner;
    const holder = node.parent();
    const name = holder?.is('variable_declarator') ? (holder.field('name')?.text() ?? '') : '';
    const { start } = node.range();
    const id = this.parts.bind(
      name || `#${start.line}:${start.column}`,
      name === '' ? `base:${start.index}` : `base:${name}`,
      undefined,
    );
    this.parts.mount(inner.router, id, this.texts.exact(first), node);
    return { router: id, likely: inner.likely };
  }

  /** The router, or the function that is given one, that an expression is. */
  private ref(node: SyntaxNode): RouterRef | null {
    const inner = unwrapped(node);
    const made = this.created.get(inner.id()) ?? this.functions.get(inner.id());
    if (made !== undefined) return made;
    if (inner.is('identifier') || inner.is('shorthand_property_identifier'))
      return this.named(inner.text(), inner.range().start.index);
    if (inner.is('call_expression')) return this.required(inner) ?? this.called(inner);
    if (!inner.is('member_expression')) return null;
    const object = inner.field('object');
    const member = inner.field('property')?.text() ?? '';
    const bound = this.parts.lookup(inner.text(), inner.range().start.index);
    if (bound !== null) return bound;
    if (object?.is('identifier')) return this.parts.imported(object.text(), member);
    const required = object === null ? null : this.required(unwrapped(object));
    return required === null || typeof required === 'string' ? null : { from: required.from, name: member };
  }

  private named(name: string, offset: number): RouterRef | null {
    if (name.endsWith('()')) return this.returned.get(name.slice(0, -2)) ?? null;
    const fn = `fn:${name}`;
    return (
      this.parts.lookup(name, offset) ??
      (this.parts.routers[fn] === undefined ? this.parts.imported(name) : fn)
    );
  }

  private required(call: SyntaxNode): RouterRef | null {
    if (!/^(?:require|import)$/.test(call.field('function')?.text() ?? '')) return null;
    const from = this.texts.exact(argumentsOf(call)[0] ?? null);
    return from === null ? null : { from, name: 'default' };
  }

  /** What a function returns: a router of this file, or of the file that the function comes from. */
  private called(call: SyntaxNode): RouterRef | null {
    const callee = call.field('function');
    if (callee === null) return null;
    const text = callee.text();
    const chained = callee.is('member_expression') ? this.receiver(call) : null;
    if (chained !== null && typeof chained.router === 'string') return chained.router;
    const local = this.returned.get(text);
    if (local !== undefined) return local;
    const ref = this.ref(callee);
    if (ref === null || typeof ref === 'string') return null;
    return ref.member === undefined
      ? { ...ref, name: `${ref.name}()` }
      : { ...ref, member: `${ref.member}()` };
  }
}
