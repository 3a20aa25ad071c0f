import type { ReportPlace } from '#domain/spec/check-report.js';
import { globProblem } from '#domain/spec/glob.js';
import { ROUTE_METHODS } from '#domain/spec/route-shape.js';
import {
  astKey,
  BUILT_IN_RULES,
  TERM_KINDS,
  type AstTerm,
  type Spec,
  type SpecCheck,
  type SpecRule,
  type Term,
  type TermKind,
  type TermSet,
} from '#domain/spec/spec.js';
import { astLanguage } from './ast-language.js';
import { compileRouteTerm, readRouteRegex } from './route-term.js';
import type { WrittenCheck, WrittenRule, WrittenSpec, WrittenTerms } from './spec-schema.js';
import { compileTableTerm } from './table-term.js';
import { boundedCompiler, compileTerm, readRegex, type CompiledTerm, type TermCompiler } from './term.js';
import type { SpecPath } from './yaml-position.js';

/** Says what is wrong and where; `other` is a second place that belongs to it. */
export type Report = (message: string, path: SpecPath, other?: SpecPath) => void;

const DEFAULT_TIMEOUT_MS = 600_000;
const MAX_TIMEOUT_MS = 24 * 3_600_000;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** What every part of a spec is built with. */
export interface Workshop {
  readonly report: Report;
  readonly compile: TermCompiler;
}

/** Turns a well-shaped spec into the domain's, and reports what a shape cannot say. */
export function buildSpec(written: WrittenSpec, report: Report): Spec {
  const workshop = { report, compile: boundedCompiler(compileOf) };
  const rules = written.rules ?? [];
  const checks = written.checks ?? [];
  if (rules.length + checks.length === 0) report('a spec needs at least one rule or check', []);
  const ids = new Map<string, string>(BUILT_IN_RULES.map((id) => [id, 'the built-in rule']));
  rules.forEach((rule, index) => claimId(rule.id, `rules[${index}]`, ids, ['rules', index, 'id'], report));
  checks.forEach((check, index) =>
    claimId(check.id, `checks[${index}]`, ids, ['checks', index, 'id'], report),
  );
  return {
    semantics: 'strict',
    name: written.name ?? '',
    rules: rules.map((rule, index) => buildRule(rule, ['rules', index], workshop)),
    checks: checks.map((check, index) => buildCheck(check, ['checks', index], report)),
    pass: { failAt: written.pass?.fail_at ?? 'low' },
    guard: written.guard ?? false,
  };
}

/** Refuses an id that another item of the spec has. */
export function claimId(
  id: string,
  owner: string,
  ids: Map<string, string>,
  path: SpecPath,
  report: Report,
): void {
  const other = ids.get(id);
  if (other !== undefined) report(`the id '${id}' is taken by ${other}`, path);
  else ids.set(id, owner);
}

function buildRule(written: WrittenRule, path: SpecPath, workshop: Workshop): SpecRule {
  const { report } = workshop;
  const { when, require, forbid } = written;
  if (require === undefined && forbid === undefined)
    report(`rule '${written.id}' has neither require nor forbid`, path);
  refuseMisplaced(written, path, report);
  const rule: SpecRule = {
    id: written.id,
    description: written.description ?? '',
    severity: written.severity ?? 'medium',
    scope: {
      include: globs(written.scope?.include, [...path, 'scope', 'include'], report),
      exclude: globs(written.scope?.exclude, [...path, 'scope', 'exclude'], report),
    },
    ...(when && { when: buildTerms(when, [...path, 'when'], workshop) }),
    ...(require && {
      require: { ...buildTerms(require, [...path, 'require'], workshop), min: require.min ?? 1 },
    }),
    ...(forbid && { forbid: buildTerms(forbid, [...path, 'forbid'], workshop) }),
    within: written.within ?? 'file',
  };
  refuseContradictions(rule, written, path, report);
  return rule;
}

function refuseMisplaced(written: WrittenRule, path: SpecPath, report: Report): void {
  const { when } = written;
  if (written.within !== undefined && when === undefined) {
    report("'within' says how near to 'when' the rest must hold: there is no 'when'", [...path, 'within']);
  }
  if ((when?.files?.length ?? 0) > 0)
    report("'files' has no place under 'when': use 'scope'", [...path, 'when', 'files']);
  if (when === undefined || written.within === 'scope') return;
  for (const side of ['require', 'forbid'] as const) {
    if ((written[side]?.files?.length ?? 0) === 0) continue;
    report("'files' in a rule with 'when' needs 'within: scope'", [...path, side, 'files']);
  }
}

/** What one rule both requires and forbids, in the same words or because a forbidden term covers it, can never pass. */
function refuseContradictions(rule: SpecRule, written: WrittenRule, path: SpecPath, report: Report): void {
  const refuse = (text: string, kind: string, forbidden: number, required: number): void => {
    const place = [...path, 'forbid', kind, forbidden];
    report(`'${text}' is both required and forbidden: the rule can never pass`, place, [
      ...path,
      'require',
      kind,
      required,
    ]);
  };
  for (const kind of TERM_KINDS) {
    for (const required of rule.require?.terms[kind] ?? []) {
      const covering = (rule.forbid?.terms[kind] ?? []).find((term) => covers(kind, term, required));
      if (covering === undefined) continue;
      const at = (side: 'require' | 'forbid', text: string) => written[side]?.[kind]?.indexOf(text) ?? 0;
      refuse(required.text, kind, at('forbid', covering.text), at('require', required.text));
    }
  }
  for (const [required, glob] of (written.require?.files ?? []).entries()) {
    const forbidden = (written.forbid?.files ?? []).indexOf(glob);
    if (forbidden >= 0) refuse(glob, 'files', forbidden, required);
  }
  const forbiddenAst = (rule.forbid?.ast ?? []).map(astKey);
  for (const [required, term] of (rule.require?.ast ?? []).entries()) {
    const forbidden = forbiddenAst.indexOf(astKey(term));
    if (forbidden >= 0) refuse(term.pattern ?? term.language, 'ast', forbidden, required);
  }
}

/** Whether whatever the required term finds is a hit of the forbidden one. */
function covers(kind: TermKind, forbidden: Term, required: Term): boolean {
  if (forbidden.text === required.text) return true;
  if (kind !== 'api_routes') return readRegex(required.text) === null && forbidden.matches(required.text);
  if (readRouteRegex(required.text) !== null) return false;
  const values = ROUTE_METHODS.map((method) => `${method} ${required.text.replace(/^\w+\s+/, '')}`);
  return values.filter((value) => required.matches(value)).every((value) => forbidden.matches(value));
}

function buildTerms(written: WrittenTerms, path: SpecPath, workshop: Workshop): TermSet {
  const { report } = workshop;
  const named = TERM_KINDS.reduce((sum, kind) => sum + (written[kind]?.length ?? 0), 0);
  const ast = buildAst(written, path, report);
  if (named + ast.length + (written.files?.length ?? 0) === 0)
    report(`'${String(path.at(-1))}' names nothing`, path);
  const of = (kind: TermKind) => terms(written, kind, path, workshop);
  return {
    terms: {
      identifiers: of('identifiers'),
      expressions: of('expressions'),
      sql_tables: of('sql_tables'),
      api_routes: of('api_routes'),
    },
    ast,
    files: globs(written.files, [...path, 'files'], report),
  };
}

function buildAst(written: WrittenTerms, path: SpecPath, report: Report): AstTerm[] {
  const ast = written.ast === undefined ? [] : Array.isArray(written.ast) ? written.ast : [written.ast];
  return ast.map(({ language, pattern, rule }, index): AstTerm => {
    const place = Array.isArray(written.ast) ? [...path, 'ast', index] : [...path, 'ast'];
    if ((pattern === undefined) === (rule === undefined))
      report("'ast' needs either 'pattern' or 'rule'", place);
    else if (pattern?.trim() === '' || (rule !== undefined && Object.keys(rule).length === 0))
      report(`an empty ${pattern === undefined ? 'rule' : 'pattern'} finds nothing`, place);
    const known = astLanguage(language);
    if (!known.ok) report(known.message, [...place, 'language']);
    return {
      language: known.ok ? known.language : language,
      ...(pattern !== undefined && { pattern }),
      ...(rule !== undefined && { rule }),
    };
  });
}

function terms(written: WrittenTerms, kind: TermKind, path: SpecPath, { report, compile }: Workshop): Term[] {
  const texts = written[kind] ?? [];
  const compiled = texts.flatMap((text, index) => {
    const result = compile(kind, text);
    if (result.ok) return [result.term];
    report(result.message, [...path, kind, index]);
    return [];
  });
  return [...new Map(compiled.map((term) => [term.text, term])).values()];
}

function compileOf(kind: TermKind, text: string): CompiledTerm {
  if (kind === 'sql_tables') return compileTableTerm(text);
  return kind === 'api_routes' ? compileRouteTerm(text) : compileTerm(text, kind);
}

function globs(written: readonly string[] | undefined, path: SpecPath, report: Report): string[] {
  (written ?? []).forEach((glob, index) => {
    const problem = globProblem(glob);
    if (problem !== null) report(problem, [...path, index]);
  });
  return [...new Set(written)];
}

function buildCheck(written: WrittenCheck, path: SpecPath, report: Report): SpecCheck {
  return {
    id: written.id,
    run: written.run,
    timeoutMs:
      written.timeout === undefined
        ? DEFAULT_TIMEOUT_MS
        : duration(written.timeout, [...path, 'timeout'], report),
    compare: written.compare ?? 'baseline',
    ...(written.report && { report: buildReport(written.report, [...path, 'report'], report) }),
    ...(written.standing === false && { standing: false }),
  };
}

function buildReport(
  { format, path: file }: NonNullable<WrittenCheck['report']>,
  path: SpecPath,
  report: Report,
): ReportPlace {
  if (file === undefined) return { format };
  if (file.includes('\0') || file.includes('\\') || file.startsWith('/') || file.split('/').includes('..'))
    report(`'${file}' must be a path inside the checkout, like reports/junit.xml`, [...path, 'path']);
  return { format, path: file };
}

function duration(written: string, path: SpecPath, report: Report): number {
  const match = /^(\d{1,9})(ms|s|m|h)$/.exec(written.trim());
  const value = match === null ? 0 : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0);
  if (value > 0 && value <= MAX_TIMEOUT_MS) return value;
  report(`'${written}' is not a duration like 120s or 2m, at most 24h`, path);
  return DEFAULT_TIMEOUT_MS;
}
