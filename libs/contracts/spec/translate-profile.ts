import { TERM_KINDS, type TermKind } from '#domain/spec/spec.js';
import type { Report } from './build-spec.js';
import { severityOf, type ProfilePattern, type ProfileRule, type WrittenProfile } from './profile-schema.js';
import type { WrittenRule, WrittenSpec, WrittenTerms } from './spec-schema.js';
import type { SpecPath } from './yaml-position.js';

export interface TranslatedProfile {
  readonly spec: WrittenSpec;
  /** Where in the profile a place of the translation comes from. */
  readonly original: (path: SpecPath) => SpecPath;
}

type Origins = Map<string, SpecPath>;

/** Writes an older profile as a strict spec: `match` is forbidden, `expect` or `requires` is required. */
export function translateProfile(written: WrittenProfile, name: string, report: Report): TranslatedProfile {
  const origins: Origins = new Map();
  const rules = written.rules.map((rule, index) => translateRule(rule, ['rules', index], origins, report));
  const original = (path: SpecPath): SpecPath => {
    for (let length = path.length; length > 0; length -= 1) {
      const origin = origins.get(keyOf(path.slice(0, length)));
      if (origin !== undefined) return origin;
    }
    return path;
  };
  return { spec: { spec: 1, name, rules }, original };
}

function translateRule(rule: ProfileRule, path: SpecPath, origins: Origins, report: Report): WrittenRule {
  const expectKey = rule.requires === undefined ? 'expect' : 'requires';
  const forbid = translateSide(rule, 'match', [...path, 'forbid'], origins);
  const require = translateSide(rule, expectKey, [...path, 'require'], origins);
  origins.set(keyOf([...path, 'id']), [...path, 'id']);
  if (forbid === null && require === null)
    report(`rule '${rule.id}' has nothing under match or expect`, path);
  (['include', 'exclude'] as const).forEach((list) => {
    (rule.scope?.[list] ?? []).forEach((glob, index) => {
      if (!/^\.{0,2}\//.test(glob)) return;
      report(`'${glob}' matches no path: paths begin at the repository's root, without a slash`, [
        ...path,
        'scope',
        list,
        index,
      ]);
    });
  });
  const guidance = typeof rule.guidance === 'string' && rule.guidance !== '' ? `\n${rule.guidance}` : '';
  return {
    id: rule.id,
    description: `${rule.description}${guidance}`,
    severity: severityOf(rule),
    ...(forbid && { forbid }),
    ...(require && { require }),
  };
}

function translateSide(
  rule: ProfileRule,
  side: 'match' | 'expect' | 'requires',
  to: SpecPath,
  origins: Origins,
): WrittenTerms | null {
  const pattern = rule[side];
  if (pattern === undefined) return null;
  const from: SpecPath = [...to.slice(0, -1), side];
  origins.set(keyOf(to), from);
  const lists: Record<TermKind, string[]> = {
    identifiers: [],
    expressions: [],
    sql_tables: [],
    api_routes: [],
  };
  for (const [key, texts] of Object.entries(pattern) as [keyof ProfilePattern, string[] | undefined][]) {
    (texts ?? []).forEach((text, index) => {
      const { kind, term } = translateTerm(key === 'strings' ? 'expressions' : key, text);
      origins.set(keyOf([...to, kind, lists[kind].length]), [...from, key, index]);
      lists[kind].push(term);
    });
  }
  const named = TERM_KINDS.filter((kind) => lists[kind].length > 0);
  return named.length === 0 ? null : Object.fromEntries(named.map((kind) => [kind, lists[kind]]));
}

const CHAIN = /^[\w$#@-]+(?:\??\.[\w$#]+)+$/;

/** Regexes keep ignoring case; a dotted name is an expression; a route begins with a slash. */
function translateTerm(kind: TermKind, text: string): { kind: TermKind; term: string } {
  if (/^\/.+\/$/s.test(text)) {
    const source = text.slice(1, -1);
    // A route without any mark of a regex would be read as a path.
    return { kind, term: kind === 'api_routes' ? `/(?:${source})/i` : `/${source}/i` };
  }
  if (kind === 'identifiers' && CHAIN.test(text)) return { kind: 'expressions', term: text };
  if (kind === 'api_routes' && /^[^/\s]+(?:\/|$)/.test(text)) return { kind, term: `/${text}` };
  return { kind, term: text };
}

function keyOf(path: SpecPath): string {
  return path.join('.');
}
