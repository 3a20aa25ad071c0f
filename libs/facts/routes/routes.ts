import type { SourceLanguage } from '../sql/literal-text.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';
import { DJANGO_HINT, readDjango } from './django.js';
import { GIN_HINT, GinRouters } from './gin.js';
import { NEST_HINT, readNest } from './nest.js';
import { PYTHON_HINT, PythonRouters, readPythonImports } from './python-routers.js';
import { RouteResolver, type Route } from './resolve.js';
import { PartsBuilder, type RouteParts } from './route-parts.js';
import { ROUTER_HINT, SCRIPT_HINT, ScriptRouters } from './script-routers.js';
import { readSpring, SPRING_HINT } from './spring.js';

export type { Route } from './resolve.js';
export type { RouteParts } from './route-parts.js';

/** A script that hands on what others export, or exports what Next.js takes for a handler. */
const SCRIPT_EXPORTS =
  /\bexport\b[^;]{0,400}?\bfrom\s*['"]|\bexports\b[^;]{0,400}?\brequire\(|\bexport\s+(?:default\b|\{|(?:async\s+function|function|const|let)\s*\{?[^=;(]*\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b)/;
const PYTHON_REEXPORT = /^\s*from\s+\.[\w.]*\s+import\b/m;

/**
 * What one file says about routes: plain JSON that belongs to the content, whatever its path, and
 * `resolveRoutes` puts the parts of all files together.
 */
export function routesOfFile(root: SyntaxNode, language: SourceLanguage): RouteParts {
  const parts = new PartsBuilder();
  const text = root.text();
  if (language === 'TypeScript' || language === 'Tsx' || language === 'JavaScript')
    readScript(root, language, text, parts);
  if (language === 'python') readPython(root, text, parts);
  if (language === 'go' && GIN_HINT.test(text)) new GinRouters(root, parts).read();
  if (language === 'java' && SPRING_HINT.test(text)) readSpring(root, parts);
  return parts.build();
}

/** As `routesOfFile`; null for a file that says nothing about routes. */
export function routesOrNone(root: SyntaxNode, language: SourceLanguage): RouteParts | null {
  const parts = routesOfFile(root, language);
  const says = Object.values(parts).some(
    (part) => part !== undefined && Object.keys(part as object).length > 0,
  );
  return says ? parts : null;
}

function readScript(root: SyntaxNode, language: SourceLanguage, text: string, parts: PartsBuilder): void {
  const calls = ROUTER_HINT.test(text) && SCRIPT_HINT.test(text);
  const nest = NEST_HINT.test(text);
  if (calls || nest || SCRIPT_EXPORTS.test(text)) new ScriptRouters(root, language, parts).read(calls);
  if (nest) readNest(root, language, parts);
}

function readPython(root: SyntaxNode, text: string, parts: PartsBuilder): void {
  const routers = PYTHON_HINT.test(text);
  const django = DJANGO_HINT.test(text);
  if (routers || django || PYTHON_REEXPORT.test(text)) readPythonImports(root, parts);
  if (routers) new PythonRouters(root, parts).read();
  if (django) readDjango(root, parts);
}

/** Whether a file says anything about routes; false is certain. */
export function mayHoldRoutes(text: string, language: SourceLanguage): boolean {
  if (language === 'python')
    return [PYTHON_HINT, DJANGO_HINT, PYTHON_REEXPORT].some((hint) => hint.test(text));
  if (language === 'go') return GIN_HINT.test(text);
  if (language === 'java') return SPRING_HINT.test(text);
  return language !== 'sql' && [SCRIPT_HINT, NEST_HINT, SCRIPT_EXPORTS].some((hint) => hint.test(text));
}

/**
 * Every route at its declaration, with the prefixes of the routers that it is mounted by. A router that is mounted twice
 * gives two routes; one that is mounted nowhere, or in a circle only, gives its own paths.
 */
export function resolveRoutes(files: ReadonlyMap<string, RouteParts>): ReadonlyMap<string, readonly Route[]> {
  return new RouteResolver(files).routes();
}
