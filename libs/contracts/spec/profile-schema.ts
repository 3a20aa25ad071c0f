import { z } from 'zod';
import { SEMANTICS } from '#domain/spec/spec.js';
import type { Severity } from '#domain/spec/verdict.js';
import { names, nonEmptyText } from './spec-schema.js';

/** Keys of which one names an older profile; a document with one of them, and without `spec`, is one. */
export const PROFILE_NAMES = ['refactor_name', 'context_name', 'profile'] as const;

const pattern = z.strictObject({
  identifiers: names.optional(),
  expressions: names.optional(),
  strings: names.optional(),
  sql_tables: names.optional(),
  api_routes: names.optional(),
});

const severity = z
  .string()
  .regex(
    /^([Cc][Rr][Ii][Tt][Ii][Cc][Aa][Ll]|[Hh][Ii][Gg][Hh]|[Mm][Ee][Dd][Ii][Uu][Mm]|[Ll][Oo][Ww])$/,
    'must be critical, high, medium or low',
  );

const rule = z.strictObject({
  id: nonEmptyText.max(100, 'must have at most 100 characters'),
  description: nonEmptyText,
  severity: severity.optional(),
  category: z.string().optional(),
  match: pattern.optional(),
  expect: pattern.optional(),
  requires: pattern.optional(),
  scope: z.strictObject({ include: names.optional(), exclude: names.optional() }).optional(),
  guidance: z.unknown().optional(),
});

const named = Object.fromEntries(PROFILE_NAMES.map((name) => [name, nonEmptyText.optional()])) as Record<
  (typeof PROFILE_NAMES)[number],
  z.ZodOptional<typeof nonEmptyText>
>;

/** The older profile format as written; which of its names is there is checked by `buildProfile`. */
export const profileSchema = z.strictObject({
  ...named,
  description: z.string().optional(),
  version: z.union([z.string(), z.number()]).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  compat: z.enum(SEMANTICS).optional(),
  rules: z.array(rule).min(1, 'must name at least one rule').max(1_000),
});

export type WrittenProfile = z.infer<typeof profileSchema>;
export type ProfileRule = WrittenProfile['rules'][number];
export type ProfilePattern = z.infer<typeof pattern>;

/** The severity of a rule: any case, `medium` by default. */
export function severityOf(rule: ProfileRule): Severity {
  return (rule.severity?.toLowerCase() ?? 'medium') as Severity;
}

/** As `KNOWN_KEYS` of the strict format. */
export const PROFILE_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(profileSchema.shape),
  'rules.*': Object.keys(rule.shape),
  'rules.*.scope': ['include', 'exclude'],
  'rules.*.match': Object.keys(pattern.shape),
  'rules.*.expect': Object.keys(pattern.shape),
  'rules.*.requires': Object.keys(pattern.shape),
};
