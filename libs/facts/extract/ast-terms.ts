import type { NapiConfig } from '@ast-grep/napi';
import { astKey, type AstTerm } from '#domain/spec/spec.js';
import { astGrammars, termsOf, type Grammar } from '../languages.js';
import { parseForTerms } from './ast-grep.js';
import type { SourceText } from './source-text.js';

const META_VARIABLE = /\$+[A-Za-z_0-9]*/g;

/** Lines on which each term begins to match, by its key; of terms in the file's grammar only. */
export function astLines(
  source: SourceText,
  grammar: Grammar,
  terms: readonly AstTerm[],
): Record<string, number[]> {
  const lines: Record<string, number[]> = {};
  const root = parseForTerms(grammar, source.text);
  for (const term of termsOf(terms, grammar)) {
    const nodes = problemIn(term, grammar) === null ? root.findAll(configOf(term, grammar)) : [];
    const starts = nodes.map((node) => source.lineAt(node.replace('').startPos));
    lines[astKey(term)] = [...new Set(starts)].sort((a, b) => a - b);
  }
  return lines;
}

/** Why terms can never be evaluated, and what to do, by their keys: their rules would be green for ever. */
export function astProblems(terms: readonly AstTerm[]): Readonly<Record<string, string>> {
  const problems = terms.map((term) => [astKey(term), astProblem(term)] as const);
  return Object.fromEntries(problems.flatMap(([key, problem]) => (problem === null ? [] : [[key, problem]])));
}

/** null where a term can be evaluated, and where this build lacks its language. */
function astProblem(term: AstTerm): string | null {
  const problems = (astGrammars(term.language) ?? []).map((grammar) => problemIn(term, grammar));
  // One of two grammars of a language may refuse what the other reads: a cast is no JSX.
  const problem = problems.every((each) => each !== null) ? problems[0] : undefined;
  if (problem === undefined) return null;
  const what = term.pattern === undefined ? 'rule' : `pattern \`${term.pattern}\``;
  return `the ast ${what} (${term.language}) ${problem}: write a pattern that is whole code, or an ast-grep rule`;
}

const PROBLEMS = new Map<string, string | null>();
const MAX_PROBLEMS = 1_000;

function problemIn(term: AstTerm, grammar: Grammar): string | null {
  const key = `${grammar} ${astKey(term)}`;
  const known = PROBLEMS.get(key);
  if (known !== undefined) return known;
  if (PROBLEMS.size >= MAX_PROBLEMS) PROBLEMS.clear();
  const problem = findProblem(term, grammar);
  PROBLEMS.set(key, problem);
  return problem;
}

function findProblem(term: AstTerm, grammar: Grammar): string | null {
  try {
    parseForTerms(grammar, '').find(configOf(term, grammar));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `is refused by ast-grep: ${reason.replace(/\s*\n\s*(?:\|->)?/g, ' ')}`;
  }
  if (term.pattern === undefined || !isBroken(term.pattern, grammar)) return null;
  return 'is no whole code of its language, so it can never match';
}

function configOf(term: AstTerm, grammar: Grammar): NapiConfig {
  if (term.rule !== undefined) {
    const { rule } = term;
    // With constraints or utilities the whole configuration is written, its rule among them.
    return (typeof rule['rule'] === 'object' ? rule : { rule }) as unknown as NapiConfig;
  }
  const pattern = term.pattern ?? '';
  const inBody = grammar === 'go' ? goStatement(pattern) : null;
  return { rule: inBody === null ? { pattern } : { any: [{ pattern }, { pattern: inBody }] } } as NapiConfig;
}

/** At the top of a Go file `f($X)` is a conversion: what may stand in a function's body is also read there. */
function goStatement(pattern: string): { context: string; selector: string } | null {
  const body = (text: string): string => `package p\nfunc _() {\n${text}\n}`;
  const [statement, ...more] =
    parseForTerms('go', body(pattern.replace(META_VARIABLE, 'x')))
      .find({ rule: { kind: 'statement_list' } })
      ?.namedChildren() ?? [];
  if (statement === undefined || more.length > 0) return null;
  const inner = statement.kind() === 'expression_statement' ? statement.child(0) : statement;
  const selector = (inner ?? statement).kind() as string;
  return selector === 'ERROR' ? null : { context: body(pattern), selector };
}

function isBroken(pattern: string, grammar: Grammar): boolean {
  if (grammar === 'go' && goStatement(pattern) !== null) return false;
  const code = pattern.replace(META_VARIABLE, 'x');
  const [only, ...more] = parseForTerms(grammar, code).namedChildren();
  return more.length === 0 && only?.kind() === 'ERROR';
}
