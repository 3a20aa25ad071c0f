import type { ReportPlace } from '#domain/spec/check-report.js';
import { globProblem } from '#domain/spec/glob.js';
import {
  PROTECTED_PATH_RULE,
  TERM_KINDS,
  type AstTerm,
  type Spec,
  type SpecCheck,
  type SpecRule,
  type Term,
  type TermKind,
  type TermSet,
} from '#domain/spec/spec.js';
import type { WrittenCheck, WrittenRule, WrittenSpec, WrittenTerms } from './spec-schema.js';
import { compileTerm } from './term.js';
import type { SpecPath } from './yaml-position.js';

type Report = (message: string, path: SpecPath) => void;

const DEFAULT_TIMEOUT_MS = 600_000;
const MAX_TIMEOUT_MS = 24 * 3_600_000;
const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Turns a well-shaped spec into the domain's, and reports what a shape cannot say. */
export function buildSpec(written: WrittenSpec, report: Report): Spec {
  const rules = written.rules ?? [];
  const checks = written.checks ?? [];
  if (rules.length + checks.length === 0) report('a spec needs at least one rule or check', []);
  const ids = new Map<string, string>([[PROTECTED_PATH_RULE, 'the built-in rule']]);
  rules.forEach((rule, index) => claimId(rule.id, `rules[${index}]`, ids, ['rules', index, 'id'], report));
  checks.forEach((check, index) =>
    claimId(check.id, `checks[${index}]`, ids, ['checks', index, 'id'], report),
  );
  return {
    name: written.name ?? '',
    rules: rules.map((rule, index) => buildRule(rule, ['rules', index], report)),
    checks: checks.map((check, index) => buildCheck(check, ['checks', index], report)),
    pass: { failAt: written.pass?.fail_at ?? 'low' },
    guard: written.guard ?? false,
  };
}

function claimId(id: string, owner: string, ids: Map<string, string>, path: SpecPath, report: Report): void {
  const other = ids.get(id);
  if (other !== undefined) report(`the id '${id}' is taken by ${other}`, path);
  else ids.set(id, owner);
}

function buildRule(written: WrittenRule, path: SpecPath, report: Report): SpecRule {
  const { when, require, forbid } = written;
  if (require === undefined && forbid === undefined)
    report(`rule '${written.id}' has neither require nor forbid`, path);
  if (written.within !== undefined && when === undefined) {
    report("'within' says how near to 'when' the rest must hold: there is no 'when'", [...path, 'within']);
  }
  if ((when?.files?.length ?? 0) > 0)
    report("'files' has no place under 'when': use 'scope'", [...path, 'when', 'files']);
  const within = written.within ?? 'file';
  if (when !== undefined && within !== 'scope') {
    for (const side of ['require', 'forbid'] as const) {
      if ((written[side]?.files?.length ?? 0) === 0) continue;
      report("'files' in a rule with 'when' needs 'within: scope'", [...path, side, 'files']);
    }
  }
  refuseContradiction(written, path, report);
  return {
    id: written.id,
    description: written.description ?? '',
    severity: written.severity ?? 'medium',
    scope: {
      include: globs(written.scope?.include, [...path, 'scope', 'include'], report),
      exclude: globs(written.scope?.exclude, [...path, 'scope', 'exclude'], report),
    },
    ...(when && { when: buildTerms(when, [...path, 'when'], report) }),
    ...(require && {
      require: { ...buildTerms(require, [...path, 'require'], report), min: require.min ?? 1 },
    }),
    ...(forbid && { forbid: buildTerms(forbid, [...path, 'forbid'], report) }),
    within,
  };
}

/** A term that one rule both requires and forbids can never pass. */
function refuseContradiction(written: WrittenRule, path: SpecPath, report: Report): void {
  for (const kind of [...TERM_KINDS, 'files'] as const) {
    const required = new Set(written.require?.[kind]);
    (written.forbid?.[kind] ?? []).forEach((term, index) => {
      if (!required.has(term)) return;
      report(`'${term}' is both required and forbidden: the rule can never pass`, [
        ...path,
        'forbid',
        kind,
        index,
      ]);
    });
  }
}

function buildTerms(written: WrittenTerms, path: SpecPath, report: Report): TermSet {
  const ast = written.ast === undefined ? [] : Array.isArray(written.ast) ? written.ast : [written.ast];
  const named = TERM_KINDS.reduce((sum, kind) => sum + (written[kind]?.length ?? 0), 0);
  if (named + ast.length + (written.files?.length ?? 0) === 0)
    report(`'${String(path.at(-1))}' names nothing`, path);
  ast.forEach((each, index) => {
    if ((each.pattern === undefined) !== (each.rule === undefined)) return;
    const place = Array.isArray(written.ast) ? [...path, 'ast', index] : [...path, 'ast'];
    report("'ast' needs either 'pattern' or 'rule'", place);
  });
  return {
    terms: {
      identifiers: terms(written, 'identifiers', path, report),
      expressions: terms(written, 'expressions', path, report),
      sql_tables: terms(written, 'sql_tables', path, report),
      api_routes: routes(written),
    },
    ast: ast.map(({ language, pattern, rule }): AstTerm => {
      return { language, ...(pattern !== undefined && { pattern }), ...(rule !== undefined && { rule }) };
    }),
    files: globs(written.files, [...path, 'files'], report),
  };
}

function terms(written: WrittenTerms, kind: TermKind, path: SpecPath, report: Report): Term[] {
  const texts = written[kind] ?? [];
  const compiled = texts.flatMap((text, index) => {
    const result = compileTerm(text, kind === 'identifiers' ? 'identifiers' : 'other');
    if (result.ok) return [result.term];
    report(result.message, [...path, kind, index]);
    return [];
  });
  return [...new Map(compiled.map((term) => [term.text, term])).values()];
}

/** A route starts with a slash by nature, so it is never read as a regex here; its shape is the route matcher's matter. */
function routes(written: WrittenTerms): Term[] {
  return [...new Set(written.api_routes)].map((text) => ({ text, matches: (value) => value === text }));
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
