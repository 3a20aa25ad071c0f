import {
  BUILT_IN_RULES,
  TERM_KINDS,
  type Spec,
  type SpecRule,
  type TermKind,
  type TermSet,
} from '#domain/spec/spec.js';
import { compileAuditorTerm } from './auditor-term.js';
import { buildSpec, claimId, type Report, type Workshop } from './build-spec.js';
import {
  severityOf,
  PROFILE_NAMES,
  type ProfilePattern,
  type ProfileRule,
  type WrittenProfile,
} from './profile-schema.js';
import { boundedCompiler } from './term.js';
import { translateProfile } from './translate-profile.js';
import type { SpecPath } from './yaml-position.js';

/** Turns a well-shaped older profile into a spec: translated to strict rules, or to be judged to the letter. */
export function buildProfile(written: WrittenProfile, report: Report): Spec {
  const name = nameOf(written);
  if (PROFILE_NAMES.filter((key) => written[key] !== undefined).length > 1)
    report(`a profile has one name: keep one of ${PROFILE_NAMES.join(', ')}`, []);
  written.rules.forEach((rule, index) => refuseDoubleNames(rule, ['rules', index], report));
  if (written.compat === 'auditor') {
    const ids = new Map<string, string>(BUILT_IN_RULES.map((id) => [id, 'the built-in rule']));
    const compile = boundedCompiler((_kind, text) => compileAuditorTerm(text));
    const rules = written.rules.map((rule, index) => auditorRule(rule, index, ids, { report, compile }));
    return { semantics: 'auditor', name, rules, checks: [], pass: { failAt: 'low' }, guard: false };
  }
  const { spec, original } = translateProfile(written, name, report);
  const built = buildSpec(spec, (message, path, other) => {
    report(message, original(path), other && original(other));
  });
  // Their globs keep the meaning that they were written with.
  const rules = built.rules.map((rule) => ({
    ...rule,
    scope: { ...rule.scope, ...scopeOf(written, rule.id) },
  }));
  return { ...built, rules };
}

function nameOf(written: WrittenProfile): string {
  return PROFILE_NAMES.map((key) => written[key]).find((name) => name !== undefined) ?? '';
}

function scopeOf(written: WrittenProfile, id: string): SpecRule['scope'] {
  const scope = written.rules.find((rule) => rule.id === id)?.scope;
  return { include: scope?.include ?? [], exclude: scope?.exclude ?? [], syntax: 'fnmatch' };
}

function refuseDoubleNames(rule: ProfileRule, path: SpecPath, report: Report): void {
  if (rule.expect !== undefined && rule.requires !== undefined)
    report("'requires' is another name of 'expect': keep one", [...path, 'requires'], [...path, 'expect']);
  for (const side of ['match', 'expect', 'requires'] as const) {
    if (rule[side]?.strings === undefined || rule[side].expressions === undefined) continue;
    const place = [...path, side];
    report(
      "'strings' is another name of 'expressions': list all under one",
      [...place, 'strings'],
      [...place, 'expressions'],
    );
  }
}

function auditorRule(
  written: ProfileRule,
  index: number,
  ids: Map<string, string>,
  workshop: Workshop,
): SpecRule {
  const path: SpecPath = ['rules', index];
  claimId(written.id, `rules[${index}]`, ids, [...path, 'id'], workshop.report);
  const expectKey = written.requires === undefined ? 'expect' : 'requires';
  const match = written.match && auditorTerms(written.match, [...path, 'match'], workshop);
  const expect = written[expectKey] && auditorTerms(written[expectKey], [...path, expectKey], workshop);
  return {
    id: written.id,
    description: written.description,
    severity: severityOf(written),
    scope: {
      include: written.scope?.include ?? [],
      exclude: written.scope?.exclude ?? [],
      syntax: 'fnmatch',
    },
    ...(match && { forbid: match }),
    ...(expect && { require: { ...expect, min: 1 } }),
    within: 'file',
  };
}

function auditorTerms(written: ProfilePattern, path: SpecPath, { report, compile }: Workshop): TermSet {
  const of = (kind: TermKind) => {
    const key = kind === 'expressions' && written.strings !== undefined ? 'strings' : kind;
    const texts = [...new Set(written[key])];
    return texts.flatMap((text) => {
      const compiled = compile(kind, text);
      if (compiled.ok) return [compiled.term];
      report(compiled.message, [...path, key, written[key]?.indexOf(text) ?? 0]);
      return [];
    });
  };
  const terms = Object.fromEntries(TERM_KINDS.map((kind) => [kind, of(kind)])) as unknown as TermSet['terms'];
  return { terms, ast: [], files: [] };
}
