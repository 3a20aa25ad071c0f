/** Methods that a route can be asked for by name; a handler of every method has `ANY`. */
export const ROUTE_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];

/** What every parameter of a path is written as, whatever its framework and its name. */
export const ROUTE_PARAMETER = ':param';

export interface RouteShape {
  /** Upper case; null: of every method, or not said. */
  readonly method: string | null;
  /** Begins with a slash and does not end with one, but for the root; parameters are `:param`. */
  readonly path: string;
}

/** The shape of a route as a framework or a spec writes it: `get /users/{id}/` is `GET` and `/users/:param`. */
export function routeShape(written: string): RouteShape {
  const [, method = '', path = ''] = /^(?:([A-Za-z*]+)\s+(?=\/))?(.*)$/s.exec(written.trim()) ?? [];
  const upper = method.toUpperCase();
  return { method: ['', 'ANY', 'ALL', '*'].includes(upper) ? null : upper, path: pathShape(path) };
}

const BRACKETS: Readonly<Record<string, string>> = { '{': '}', '[': ']', '<': '>', '(': ')' };
const NAME = /[A-Za-z_]\w*/y;

function pathShape(path: string): string {
  const closing = closingBrackets(path);
  const shape: string[] = [];
  for (let at = 0; at < path.length;) {
    const end = parameterEnd(path, at, closing);
    // Two parameters without anything between them are one to whoever reads the path.
    if (end === null) shape.push(path[at] ?? '');
    else if (shape.at(-1) !== ROUTE_PARAMETER) shape.push(ROUTE_PARAMETER);
    at = end ?? at + 1;
  }
  return `/${shape.join('').split('/').filter(Boolean).join('/')}`;
}

/** Where the parameter that begins here ends: `{id}`, `[id]`, `<int:id>`, `:id`, `:id(\\d+)?`, `*`, `*rest`. */
function parameterEnd(path: string, at: number, closing: ReadonlyMap<number, number>): number | null {
  const character = path[at] ?? '';
  if (character === '*') return nameEnd(path, path[at + 1] === '*' ? at + 2 : at + 1);
  if (character !== ':') return character === '(' ? null : (closing.get(at) ?? null);
  const end = nameEnd(path, at + 1);
  // `/users:export` names a custom verb, not a parameter.
  if (end === at + 1 || /\w/.test(path[at - 1] ?? '')) return null;
  const pattern = path[end] === '(' ? (closing.get(end) ?? end) : end;
  return /[?*+]/.test(path[pattern] ?? '') ? pattern + 1 : pattern;
}

function nameEnd(path: string, from: number): number {
  NAME.lastIndex = from;
  return from + (NAME.exec(path)?.[0].length ?? 0);
}

/** For each bracket that closes: the place behind its end. One pass, whatever is nested. */
function closingBrackets(path: string): Map<number, number> {
  const ends = new Map<number, number>();
  const open: Record<string, number[]> = { '}': [], ']': [], '>': [], ')': [] };
  for (let at = 0; at < path.length; at += 1) {
    const character = path[at] ?? '';
    const close = BRACKETS[character];
    if (close !== undefined) open[close]?.push(at);
    const start = open[character]?.pop();
    if (start !== undefined) ends.set(start, at + 1);
  }
  return ends;
}
