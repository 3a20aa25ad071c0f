import { ROUTE_METHODS, routeShape } from '#domain/spec/route-shape.js';
import { didYouMean } from './did-you-mean.js';
import { compileRegex, readRegex, remembered, type CompiledTerm, type WrittenRegex } from './term.js';

/**
 * Compiles a term for routes: `METHOD /path` or `/path`, compared by shape, or a `/regex/flags` that is held against
 * the shape, with its method and without: `GET /users/:param`, `/users/:param`.
 */
export function compileRouteTerm(text: string): CompiledTerm {
  const regex = readRouteRegex(text);
  if (regex !== null) {
    const bracket = /\\[{[<]/.exec(regex.source)?.[0];
    if (bracket !== undefined) {
      const message = `${text}: a regex sees every parameter as ':param', so '${bracket}' finds nothing`;
      return { ok: false, message };
    }
    return compileRouteRegex(text, regex);
  }
  const problem = routeProblem(text);
  if (problem !== null) return { ok: false, message: `'${text}' ${problem}` };
  const wanted = routeShape(text);
  const matches = (value: string): boolean => {
    const { method, path } = routeShape(value);
    return path === wanted.path && (method === null || wanted.method === null || method === wanted.method);
  };
  return { ok: true, term: { text, matches: remembered(matches) } };
}

/** A regex may ask for a method or for the path alone; a handler of every method answers to each of them. */
function compileRouteRegex(text: string, regex: WrittenRegex): CompiledTerm {
  const compiled = compileRegex(text, regex);
  if (!compiled.ok) return compiled;
  const matches = (value: string): boolean => {
    const { method, path } = routeShape(value);
    const shown = (method === null ? ['ANY', ...ROUTE_METHODS] : [method]).map((each) => `${each} ${path}`);
    return [path, ...shown].some((each) => compiled.term.matches(each));
  };
  return { ok: true, term: { text, matches: remembered(matches) } };
}

/** The regex that a term for routes is, if any: `/api/users/` and `/users/[id]/` are paths, `/users|orders/` is none. */
export function readRouteRegex(text: string): WrittenRegex | null {
  const regex = readRegex(text);
  if (regex === null || /[^imsu]/.test(regex.flags)) return null;
  return regex.source.split('/').some(hasRegexMarks) ? regex : null;
}

const PARAMETER = /^(?:\*{1,2}\w*|:\w+(?:\(.*\))?[?*+]?|\{.*\}|<.*>|\[\[?(?:\.{3})?[A-Za-z_]\w*\]?\])$/s;

function hasRegexMarks(segment: string): boolean {
  if (PARAMETER.test(segment)) return false;
  return /[\\^$+?()[\]{}|*]/.test(segment.replaceAll(/\{\w+[^}]*\}|<[\w:]+>|:\w+/g, ''));
}

/** Why a text can match no route, with what to write instead; null for a sound one. */
function routeProblem(text: string): string | null {
  if (text !== text.trim()) return 'begins or ends with a space';
  if (/^[a-z]+:\/\//i.test(text)) return 'is a URL: write its path only';
  const [, method, rest] = /^([A-Za-z*]+)\s+(.*)$/s.exec(text) ?? [];
  if (method !== undefined && !ROUTE_METHODS.includes(method.toUpperCase())) {
    if (/^(any|all|\*)$/i.test(method)) return 'names no method: leave it out to mean every method';
    return `begins with '${method}', which is not a method${didYouMean(method, ROUTE_METHODS)}`;
  }
  const path = rest ?? text;
  if (path.startsWith('^')) return 'looks like a regex: write it between slashes, and \\/ for a slash inside';
  if (!path.startsWith('/')) return `has a path without a leading slash: write '/${path}'`;
  if (/\s/.test(path)) return 'has a space in its path';
  if (/\?\w+=|#/.test(path)) return 'has a query or a fragment: a route is its path only';
  if (path.split('/').some(hasRegexMarks))
    return 'looks like a regex: write all of it between slashes, and \\/ for a slash inside';
  return null;
}
