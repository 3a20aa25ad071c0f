import type { SyntaxNode } from '../syntax/syntax-node.js';

/**
 * A router of the same file by its id, or one that another module exports: `member` is a property of what is exported.
 * `name()` is what the exported function returns.
 */
export type RouterRef = string | { readonly from: string; readonly name: string; readonly member?: string };

export interface RoutePart {
  readonly router: RouterRef;
  readonly method: string;
  readonly path: string;
  /** 1-based. */
  readonly line: number;
  /** Whether it counts where its router is found nowhere: the router's name says what it is. */
  readonly likely?: true;
}

export interface MountPart {
  readonly parent: RouterRef;
  readonly child: RouterRef;
  readonly prefix: string;
  /** The prefix stands in place of the child's own (blueprints). */
  readonly replaces?: true;
}

export interface RouterPart {
  /** What stands before every route of the router; more than one: every route is there more than once. */
  readonly prefixes: readonly string[];
  /** `text`: prefixes and paths are put together as they are written. Otherwise by exactly one slash. */
  readonly join?: 'text';
  /** The prefix of the application and its versions apply to it. */
  readonly nest?: { readonly versions: readonly string[] };
}

/** What one file says about routes; plain JSON, independent of its path and of other files. */
export interface RouteParts {
  readonly routers: Readonly<Record<string, RouterPart>>;
  readonly routes: readonly RoutePart[];
  readonly mounts: readonly MountPart[];
  /** What other files can name; `*` entries of other modules are in `stars`. */
  readonly exports: Readonly<Record<string, RouterRef>>;
  readonly stars: readonly string[];
  /** Exported handlers that are routes where the path of the file says so. */
  readonly handlers: readonly { readonly method: string; readonly line: number }[];
  readonly nest?: NestParts;
  /** 1-based lines of routes or mounts whose path is made at run time; they are no part of the result. */
  readonly unknown: readonly number[];
}

export interface NestParts {
  readonly globalPrefix?: { readonly prefix: string; readonly exclude: readonly string[] };
  /** The word before a version in a path; absent where versions are no part of paths. */
  readonly versionPrefix?: string;
  readonly modules: readonly { readonly module: RouterRef; readonly prefix: string }[];
}

/** A name that stands for a router between two offsets of the source. */
interface Binding {
  readonly name: string;
  readonly id: string;
  readonly start: number;
  readonly end: number;
}

/** Collects the parts of one file. */
export class PartsBuilder {
  readonly routers: Record<string, RouterPart> = {};
  readonly exports: Record<string, RouterRef> = {};
  readonly stars: string[] = [];
  readonly handlers: { method: string; line: number }[] = [];
  readonly unknown: number[] = [];
  readonly imports = new Map<string, { readonly from: string; readonly name: string }>();
  readonly routes: RoutePart[] = [];
  readonly mounts: MountPart[] = [];
  nest: NestParts | undefined;
  private readonly bindings: Binding[] = [];

  /** Adds a router that a name stands for inside a node; undefined: in the whole file. Gives its id. */
  bind(
    name: string,
    id: string,
    scope: SyntaxNode | undefined,
    part: RouterPart = { prefixes: [''] },
  ): string {
    const range = scope?.range();
    const unique = this.routers[id] === undefined ? id : `${id}@${range?.start.index ?? 0}`;
    this.routers[unique] ??= part;
    this.bindings.push({
      name,
      id: unique,
      start: range?.start.index ?? 0,
      end: range?.end.index ?? Number.MAX_SAFE_INTEGER,
    });
    return unique;
  }

  /** The router that a name stands for at an offset: the innermost. */
  lookup(name: string, offset: number): string | null {
    let best: Binding | null = null;
    for (const binding of this.bindings) {
      if (binding.name !== name || offset < binding.start || offset > binding.end) continue;
      if (best === null || binding.end - binding.start <= best.end - best.start) best = binding;
    }
    return best?.id ?? null;
  }

  get names(): readonly string[] {
    return [...new Set(this.bindings.map((binding) => binding.name))];
  }

  /** The imported router that `name` or `name.member` stands for. */
  imported(name: string, member?: string): RouterRef | null {
    const found = this.imports.get(name);
    if (found === undefined) return null;
    if (member === undefined) return found;
    return found.name === '*' ? { from: found.from, name: member } : { ...found, member };
  }

  route(router: RouterRef, method: string, path: string | null, node: SyntaxNode, likely = false): void {
    const line = node.range().start.line + 1;
    if (path === null) this.unknown.push(line);
    else this.routes.push({ router, method: method.toUpperCase(), path, line, ...(likely && { likely }) });
  }

  mount(
    parent: RouterRef,
    child: RouterRef,
    prefix: string | null,
    node: SyntaxNode,
    replaces = false,
  ): void {
    if (prefix === null) this.unknown.push(node.range().start.line + 1);
    else this.mounts.push({ parent, child, prefix, ...(replaces && { replaces }) });
  }

  build(): RouteParts {
    const { routers, routes, mounts, exports, stars, handlers, unknown, nest } = this;
    return {
      routers,
      routes,
      mounts,
      exports,
      stars,
      handlers,
      unknown,
      ...(nest !== undefined && { nest }),
    };
  }
}

/** Names that a router has where nothing else tells. */
export const ROUTER_NAME =
  /^(?:this\.|self\.|[a-z]\.)?_?(?:app|router|server|fastify|api|routes|engine|application|bp|blueprint|\w+(?:Router|Routes|App|Server|_router|_bp|_blueprint|_app|_api|Api|Group))$/;

/** Arguments without comments. */
export function argumentsOf(call: SyntaxNode): readonly SyntaxNode[] {
  return (call.field('arguments')?.namedChildren() ?? []).filter(
    (arg) => !String(arg.kind()).endsWith('comment'),
  );
}
