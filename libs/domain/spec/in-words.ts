import {
  TERM_KINDS,
  type Requirement,
  type Spec,
  type SpecCheck,
  type SpecRule,
  type SpecScope,
  type TermKind,
  type TermSet,
  type Within,
} from './spec.js';

const KINDS: { readonly [K in TermKind]: string } = {
  identifiers: 'names',
  expressions: 'expressions',
  sql_tables: 'tables of SQL',
  api_routes: 'routes',
};

const NEAR: { readonly [W in Within]: string } = {
  file: 'in the same file',
  function: 'in the same function',
  scope: 'somewhere in these files',
};

/** A spec as sentences, one per rule and check, for who has to meet it. Where words and spec differ, the spec counts. */
export function specInWords({ rules, checks, guard }: Spec): string[] {
  const last = guard
    ? 'All of this holds already, and has to stay so.'
    : 'Something of this does not hold before the work; all of it must hold after it.';
  return [...rules.map(ruleInWords), ...checks.map(checkInWords), last];
}

function ruleInWords({ id, description, scope, when, require, forbid, within }: SpecRule): string {
  const condition = when === undefined ? '' : `wherever ${anyOf(when)} occurs, `;
  const near = when === undefined ? '' : ` ${NEAR[within]}`;
  const demands = [
    ...(require === undefined ? [] : [`${allOf(require)} must occur${often(require)}${near}`]),
    ...(forbid === undefined ? [] : [`${anyOf(forbid)} must not occur${near}`]),
  ];
  const why = description === '' || description === id ? '' : ` (${description})`;
  return `Rule ${id}${why}: ${placeOf(scope)}, ${condition}${demands.join(', and ')}.`;
}

function checkInWords({ id, run, compare }: SpecCheck): string {
  const line = run.trim().split('\n').join('; ');
  return compare === 'absolute'
    ? `Check ${id}: \`${line}\` must succeed.`
    : `Check ${id}: \`${line}\` must have no failure that it did not have before.`;
}

function placeOf({ include, exclude }: SpecScope): string {
  const where = include.length === 0 ? 'in all files' : `in files of ${list(include, 'and')}`;
  return exclude.length === 0 ? where : `${where} (but not ${list(exclude, 'or')})`;
}

function often({ min }: Requirement): string {
  return min > 1 ? ` at least ${min} times each` : '';
}

const allOf = (set: TermSet): string => list(named(set), 'and');
const anyOf = (set: TermSet): string => list(named(set), 'or');

function named({ terms, ast, files }: TermSet): string[] {
  return [
    ...TERM_KINDS.flatMap((kind) =>
      terms[kind].length === 0
        ? []
        : [`the ${KINDS[kind]} ${terms[kind].map(({ text }) => text).join(', ')}`],
    ),
    ...ast.map(({ language, pattern }) =>
      pattern === undefined ? `what the ${language} rule finds` : `${language} code like \`${pattern}\``,
    ),
    ...(files.length === 0 ? [] : [`the files ${files.join(', ')}`]),
  ];
}

function list(parts: readonly string[], word: 'and' | 'or'): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1) ?? ''}`;
}
