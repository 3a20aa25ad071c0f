import { astKey, TERM_KINDS, type AstTerm, type SpecRule, type TermKind, type TermSet } from './spec.js';
import type { CommitFacts, FileFacts, UnreadSql } from './facts.js';

/** One term of a rule, of whatever kind, as something that is found in files. */
export interface Probe {
  /** As reports show it. */
  readonly text: string;
  /** Lines of the file on which it occurs, each once. */
  readonly lines: (file: FileFacts) => readonly number[];
  /** Lines from which on it may occur, in what could not be read to its end. */
  readonly hidden: (file: FileFacts) => readonly number[];
}

/**
 * One kind of fact that a rule looks at. ast-grep terms are a kind per language: a term has no business with files of
 * another one.
 */
export interface Lens {
  /** As notes name it; also its identity. */
  readonly name: string;
  /** Why this build cannot look through it; null: it can. */
  readonly blocked: (facts: CommitFacts) => string | null;
  readonly probes: (side: TermSet | undefined) => readonly Probe[];
  /** Whether this kind was looked for in the file. */
  readonly sees: (file: FileFacts) => boolean;
  /** Whether the file holds anything of this kind, hit or not. */
  readonly finds: (file: FileFacts) => boolean;
  /** Whether source code that this build does not read can hold hits. */
  readonly anyLanguage: boolean;
}

const NOWHERE: readonly UnreadSql[] = [];
const NOT_SUPPORTED = 'not supported by this build';

/** The sides that a rule has. */
export function sidesOf(rule: SpecRule): TermSet[] {
  return [rule.when, rule.require, rule.forbid].filter((side) => side !== undefined);
}

/** Every kind that a rule names, in a fixed order. */
export function lensesOf(rule: SpecRule): Lens[] {
  const sides = sidesOf(rule);
  const kinds = TERM_KINDS.filter((kind) => sides.some((side) => side.terms[kind].length > 0));
  const ast = sides.flatMap((side) => side.ast);
  const languages = [...new Set(ast.map((term) => term.language))].sort();
  return [
    ...kinds.map(kindLens),
    ...languages.map((language) =>
      astLens(
        language,
        ast.filter((term) => term.language === language),
      ),
    ),
  ];
}

function kindLens(kind: TermKind): Lens {
  return {
    name: kind,
    blocked: (facts) => (facts.kinds.includes(kind) ? null : `${kind}: ${NOT_SUPPORTED}`),
    probes: (side) =>
      (side?.terms[kind] ?? []).map((term) => ({
        text: term.text,
        lines: (file) => {
          // However many values on a line match, it is one hit.
          const lines = new Set<number>();
          for (const fact of file.facts[kind] ?? []) if (term.matches(fact.value)) lines.add(fact.line);
          return [...lines];
        },
        hidden: ({ unreadSql = NOWHERE }) =>
          kind !== 'sql_tables'
            ? []
            : unreadSql.filter(({ names }) => names.some(term.matches)).map(({ line }) => line),
      })),
    sees: (file) => file.facts[kind] !== undefined,
    finds: (file) => (file.facts[kind]?.length ?? 0) > 0,
    anyLanguage: true,
  };
}

function astLens(language: string, terms: readonly AstTerm[]): Lens {
  const name = `ast in ${language}`;
  const keys = terms.map(astKey);
  const sees = (file: FileFacts) => keys.some((key) => file.ast?.[key] !== undefined);
  return {
    name,
    blocked: ({ astLanguages, astProblems }) => {
      if (!astLanguages.includes(language)) return `${name}: ${NOT_SUPPORTED}`;
      return keys.map((key) => astProblems?.[key]).find((problem) => problem !== undefined) ?? null;
    },
    probes: (side) =>
      (side?.ast ?? [])
        .filter((term) => term.language === language)
        .map((term) => {
          const key = astKey(term);
          return {
            text: term.pattern ?? JSON.stringify(term.rule),
            lines: (file: FileFacts) => [...new Set(file.ast?.[key])],
            hidden: () => [],
          };
        }),
    sees,
    finds: sees,
    anyLanguage: false,
  };
}
