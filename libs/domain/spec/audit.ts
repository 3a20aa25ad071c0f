import type { FactSource, FileFacts, SourcedFact } from './facts.js';
import { TERM_KINDS, type SpecRule, type TermKind, type TermSet } from './spec.js';
import type { RuleAudit, Violation } from './verdict.js';

/** Where values of each kind may stand. */
const SOURCES: Readonly<Record<TermKind, readonly FactSource[]>> = {
  identifiers: ['symbol', 'variable', 'assignment', 'callee'],
  expressions: ['assigned_text', 'argument', 'sql_text', 'route'],
  sql_tables: ['sql_table'],
  api_routes: ['route'],
};

interface AuditHit {
  readonly file: string;
  readonly fact: SourcedFact;
  readonly term: string;
}

export interface AuditedRule {
  readonly violations: readonly Violation[];
  readonly audit: RuleAudit;
}

/**
 * Counts one rule as the older profile format does: `match` (kept as `forbid`) are violations, `expect` (kept as
 * `require`) is only counted. Nothing matched is no violation.
 */
export function auditRule(rule: SpecRule, scoped: readonly FileFacts[]): AuditedRule {
  const found = hitsOf(rule.forbid, scoped);
  const expected = hitsOf(rule.require, scoped);
  const withExpected = new Set(expected.map((hit) => hit.file));
  const missing = new Set(found.map((hit) => hit.file).filter((file) => !withExpected.has(file)));
  return {
    violations: found.map(({ file, fact, term }): Violation => {
      const message = `${term} matches ${shown(fact.value)} (${fact.source})`;
      return { rule: rule.id, severity: rule.severity, message, file, line: fact.line, term };
    }),
    audit: {
      status: found.length > 0 ? 'needs_migration' : 'clean',
      expected: expected.length,
      missingExpectationFiles: [...missing].sort(),
    },
  };
}

/** Unique by file, line, source and value; the first term that matches a value has the hit. */
function hitsOf(side: TermSet | undefined, scoped: readonly FileFacts[]): AuditHit[] {
  const hits = new Map<string, AuditHit>();
  for (const kind of TERM_KINDS) {
    const terms = side?.terms[kind] ?? [];
    if (terms.length === 0) continue;
    for (const { path: file, sourced } of scoped) {
      for (const fact of sourced ?? []) {
        if (!SOURCES[kind].includes(fact.source)) continue;
        const term = terms.find((each) => each.matches(fact.value));
        const key = JSON.stringify([file, fact.line, fact.source, fact.value]);
        if (term !== undefined && !hits.has(key)) hits.set(key, { file, fact, term: term.text });
      }
    }
  }
  return [...hits.values()];
}

function shown(value: string): string {
  return value.length > 200 ? `${value.slice(0, 200)}…` : value;
}
