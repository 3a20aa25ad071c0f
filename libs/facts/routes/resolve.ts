import { posix } from 'node:path';
import { nextRoute, pythonModule, scriptModule } from './modules.js';
import type { NestParts, RouteParts, RouterPart, RouterRef, RoutePart } from './route-parts.js';

export interface Route {
  /** `ANY` where every method is answered. */
  readonly method: string;
  /** With the prefixes of all routers on the way; parameters as the framework writes them. */
  readonly path: string;
  /** 1-based line of the declaration. */
  readonly line: number;
}

/** A router of a file. */
interface Place {
  readonly file: string;
  readonly id: string;
}

interface Mounted {
  readonly parent: Place;
  readonly prefix: string;
  readonly replaces: boolean;
}

/** Bounds what a chain of imports, a cycle of routers or a router that is mounted everywhere can cost. */
const MAX_HOPS = 12;
const MAX_PREFIXES = 64;
const MAX_STEPS = 100_000;

/** Puts the parts of all files together. */
export class RouteResolver {
  private readonly mounts = new Map<string, Mounted[]>();
  private readonly memo = new Map<string, readonly string[]>();
  private readonly whole = new Map<string, readonly string[]>();
  private readonly modulePrefixes = new Map<string, string[]>();
  private readonly applications: { readonly file: string; readonly nest: NestParts }[] = [];
  private readonly folders = new Map<string, string[]>();
  private readonly methods = new Map<string, Place[]>();
  private steps = 0;
  private cuts = 0;

  constructor(private readonly files: ReadonlyMap<string, RouteParts>) {
    for (const [file, parts] of files) {
      if (file.endsWith('.go')) this.indexGo(file, parts);
      if (parts.nest?.globalPrefix !== undefined || parts.nest?.versionPrefix !== undefined)
        this.applications.push({ file, nest: parts.nest });
    }
    for (const [file, parts] of files) this.connect(file, parts);
  }

  routes(): ReadonlyMap<string, readonly Route[]> {
    const result = new Map<string, readonly Route[]>();
    for (const [file, parts] of this.files) {
      const found = new Map<string, Route>();
      for (const route of [
        ...this.handlers(file, parts),
        ...parts.routes.flatMap((route) => this.full(file, route)),
      ]) {
        found.set(`${route.line} ${route.method} ${route.path}`, route);
      }
      if (found.size > 0)
        result.set(
          file,
          [...found.values()].sort((a, b) => a.line - b.line),
        );
    }
    return result;
  }

  private indexGo(file: string, parts: RouteParts): void {
    const folder = posix.dirname(file);
    this.folders.set(folder, [...(this.folders.get(folder) ?? []), file]);
    for (const [name, ref] of Object.entries(parts.exports)) {
      const method = name.split('.')[1];
      if (method === undefined || typeof ref !== 'string') continue;
      this.methods.set(method, [...(this.methods.get(method) ?? []), { file, id: ref }]);
    }
  }

  private connect(file: string, parts: RouteParts): void {
    for (const mount of parts.mounts) {
      const parent = this.target(file, mount.parent);
      const child = this.target(file, mount.child);
      if (parent === null || child === null) continue;
      const at = key(child);
      this.mounts.set(at, [
        ...(this.mounts.get(at) ?? []),
        { parent, prefix: mount.prefix, replaces: mount.replaces === true },
      ]);
    }
    for (const { module, prefix } of parts.nest?.modules ?? []) {
      const place = this.target(file, module);
      if (place !== null)
        this.modulePrefixes.set(key(place), [...(this.modulePrefixes.get(key(place)) ?? []), prefix]);
    }
  }

  private handlers(file: string, parts: RouteParts): Route[] {
    const next = parts.handlers.length === 0 ? null : nextRoute(file);
    if (next === null) return [];
    const wanted = parts.handlers.filter(({ method }) => (method === 'ANY') === (next.router === 'pages'));
    return wanted.map(({ method, line }) => ({ method, path: next.path, line }));
  }

  private full(file: string, route: RoutePart): Route[] {
    const place = this.target(file, route.router);
    if (place === null) {
      return route.likely === true
        ? [
            {
              method: route.method,
              path: finished(file, join(file, undefined, '', route.path)),
              line: route.line,
            },
          ]
        : [];
    }
    const part = this.part(place);
    return this.everyPrefix(place).flatMap((prefix) => {
      const path = join(place.file, part, prefix, route.path);
      const paths =
        part?.nest === undefined ? [path] : this.inApplication(place.file, part.nest.versions, path);
      return paths.map((whole) => ({ method: route.method, path: finished(file, whole), line: route.line }));
    });
  }

  /** What the nearest application sets before the paths of its controllers. */
  private inApplication(file: string, versions: readonly string[], path: string): string[] {
    const shared = (other: string) => {
      const [a, b] = [file.split('/'), other.split('/')];
      const differs = a.findIndex((part, index) => part !== b[index]);
      return differs < 0 ? a.length : differs;
    };
    const nearest = (holds: (nest: NestParts) => boolean) =>
      this.applications.filter(({ nest }) => holds(nest)).sort((a, b) => shared(b.file) - shared(a.file))[0]
        ?.nest;
    const word = nearest((nest) => nest.versionPrefix !== undefined)?.versionPrefix;
    const global = nearest((nest) => nest.globalPrefix !== undefined)?.globalPrefix;
    const versioned =
      word === undefined || versions.length === 0
        ? [path]
        : versions.map((version) => slashed(`${word}${version}`, path));
    const excluded = global?.exclude.some((exclude) => slashed('', exclude) === trimmed(slashed('', path)));
    return global === undefined || excluded === true
      ? versioned
      : versioned.map((whole) => slashed(global.prefix, whole));
  }

  private part(place: Place): RouterPart | undefined {
    return this.files.get(place.file)?.routers[place.id];
  }

  private everyPrefix(place: Place): readonly string[] {
    const at = key(place);
    const found = this.whole.get(at) ?? this.prefixes(place, new Set());
    this.whole.set(at, found);
    return found;
  }

  /** Everything that can stand before a router's routes; what a circle cuts short is not kept for others. */
  private prefixes(place: Place, above: Set<string>): readonly string[] {
    const at = key(place);
    const known = this.memo.get(at);
    if (known !== undefined) return known;
    const part = this.part(place);
    const own = this.modulePrefixes.get(at) ?? part?.prefixes ?? [''];
    const found = new Set<string>();
    const cut = this.cuts;
    above.add(at);
    for (const { parent, prefix, replaces } of this.mounts.get(at) ?? []) {
      this.steps += 1;
      if (above.has(key(parent)) || this.steps > MAX_STEPS) {
        this.cuts += 1;
        continue;
      }
      for (const outer of this.prefixes(parent, above)) {
        const base = join(place.file, part, outer, prefix);
        for (const inner of replaces ? [''] : own)
          if (found.size < MAX_PREFIXES) found.add(join(place.file, part, base, inner));
      }
    }
    above.delete(at);
    const result = found.size === 0 ? own : [...found];
    if (this.cuts === cut) this.memo.set(at, result);
    return result;
  }

  /** The router that a reference means, through as many re-exports as there are. */
  private target(file: string, ref: RouterRef, hops = 0): Place | null {
    if (hops > MAX_HOPS) return null;
    const parts = this.files.get(file);
    if (typeof ref === 'string') return parts?.routers[ref] === undefined ? null : { file, id: ref };
    if (file.endsWith('.go')) return this.goTarget(file, ref);
    if (file.endsWith('.py') && ref.member !== undefined) {
      const inside = ref.from.endsWith('.') ? `${ref.from}${ref.name}` : `${ref.from}.${ref.name}`;
      const found = this.exported(this.module(file, inside), ref.member, undefined, hops);
      if (found !== null) return found;
    }
    return this.exported(this.module(file, ref.from), ref.name, ref.member, hops);
  }

  private module(importer: string, name: string): string | null {
    const has = (path: string) => this.files.has(path);
    return importer.endsWith('.py') ? pythonModule(importer, name, has) : scriptModule(importer, name, has);
  }

  private exported(
    file: string | null,
    name: string,
    member: string | undefined,
    hops: number,
  ): Place | null {
    const parts = file === null ? undefined : this.files.get(file);
    if (file === null || parts === undefined || hops > MAX_HOPS) return null;
    const ref = parts.exports[name];
    if (typeof ref === 'string' && member === undefined) return this.target(file, ref, hops + 1);
    if (typeof ref === 'object') {
      const inner =
        ref.name === '*' && member !== undefined
          ? { from: ref.from, name: member }
          : ref.member === undefined && member !== undefined
            ? { ...ref, member }
            : ref;
      const found = this.target(file, inner, hops + 1);
      if (found !== null) return found;
    }
    if (member !== undefined) return this.exported(file, member, undefined, hops + 1);
    for (const star of parts.stars) {
      const found = this.exported(this.module(file, star), name, undefined, hops + 1);
      if (found !== null) return found;
    }
    return null;
  }

  /** A function of a package, or a method: of the type that its variable is named after, or the only one. */
  private goTarget(file: string, ref: Exclude<RouterRef, string>): Place | null {
    if (ref.from === '') {
      const all = this.methods.get(ref.name) ?? [];
      const variable = (ref.member ?? '').split('.').at(-1)?.toLowerCase() ?? '';
      const fitting = all.filter(({ id }) => id.toLowerCase().startsWith(`fn:${variable}.`));
      return fitting.length === 1 ? (fitting[0] ?? null) : all.length === 1 ? (all[0] ?? null) : null;
    }
    for (const other of this.package(file, ref.from)) {
      const found = this.files.get(other)?.exports[ref.name];
      if (typeof found === 'string') return { file: other, id: found };
    }
    return null;
  }

  private package(file: string, name: string): readonly string[] {
    if (name === '.') return this.folders.get(posix.dirname(file)) ?? [];
    const segments = name.split('/');
    for (let from = 0; from < segments.length; from += 1) {
      const found = this.folders.get(segments.slice(from).join('/'));
      if (found !== undefined) return found;
    }
    return [];
  }
}

function key(place: Place): string {
  return `${place.file}\n${place.id}`;
}

function join(file: string, part: RouterPart | undefined, prefix: string, path: string): string {
  if (part?.join === 'text') return prefix + path;
  return file.endsWith('.py') && prefix === '' ? path : slashed(prefix, path);
}

function slashed(prefix: string, path: string): string {
  const start = prefix.replace(/\/+$/, '');
  if (path === '') return start;
  return `${start}/${path.replace(/^\/+/, '')}`;
}

function trimmed(path: string): string {
  const isPattern = /[$)\]*+?]\/\w*$/.test(path);
  return path.length > 1 && !isPattern ? path.replace(/\/+$/, '') || '/' : path;
}

/** Paths begin with a slash. One at the end means something to the frameworks of Python and Go only. */
function finished(file: string, path: string): string {
  const whole = path.startsWith('/') ? path.replace(/^\/{2,}/, '/') : `/${path}`;
  return /\.(?:py|go)$/.test(file) ? whole : trimmed(whole);
}
