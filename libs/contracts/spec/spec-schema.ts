import { z } from 'zod';
import { REPORT_FORMATS } from '#domain/spec/check-report.js';
import { SEVERITIES } from '#domain/spec/verdict.js';
import { WITHIN } from '#domain/spec/spec.js';

const MAX_ITEMS = 1_000;

/** Any text but none. */
export const nonEmptyText = z.string().min(1, 'must not be empty');
const id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'must be letters, digits, dots, dashes or underscores (at most 100)',
  );
/** A list of texts. */
export const names = z.array(nonEmptyText).max(MAX_ITEMS);

const ast = z.strictObject({
  language: nonEmptyText,
  pattern: nonEmptyText.optional(),
  rule: z.record(z.string(), z.unknown()).optional(),
});

const termSet = {
  identifiers: names.optional(),
  expressions: names.optional(),
  sql_tables: names.optional(),
  api_routes: names.optional(),
  files: names.optional(),
  ast: z.union([ast, z.array(ast).max(MAX_ITEMS)]).optional(),
};

const rule = z.strictObject({
  id,
  description: z.string().optional(),
  severity: z.enum(SEVERITIES).optional(),
  scope: z.strictObject({ include: names.optional(), exclude: names.optional() }).optional(),
  when: z.strictObject(termSet).optional(),
  require: z.strictObject({ ...termSet, min: z.int().min(1).max(1_000_000).optional() }).optional(),
  forbid: z.strictObject(termSet).optional(),
  within: z.enum(WITHIN).optional(),
});

const report = z.strictObject({ format: z.enum(REPORT_FORMATS), path: nonEmptyText.optional() });

const check = z.strictObject({
  id,
  run: nonEmptyText,
  timeout: z.string().optional(),
  compare: z.enum(['baseline', 'absolute']).optional(),
  report: report.optional(),
  standing: z.boolean().optional(),
});

/** The strict format as written; what the shape cannot say is checked by `parseSpec`. */
export const specSchema = z.strictObject({
  spec: z.literal(1),
  name: z.string().optional(),
  rules: z.array(rule).max(MAX_ITEMS).optional(),
  checks: z.array(check).max(MAX_ITEMS).optional(),
  pass: z.strictObject({ fail_at: z.enum(SEVERITIES).optional() }).optional(),
  guard: z.boolean().optional(),
});

export type WrittenSpec = z.infer<typeof specSchema>;
export type WrittenRule = NonNullable<WrittenSpec['rules']>[number];
export type WrittenCheck = NonNullable<WrittenSpec['checks']>[number];
export type WrittenTerms = NonNullable<WrittenRule['forbid']>;

/** Keys allowed at each place, by its path with list positions as `*`; for "did you mean". */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(specSchema.shape),
  'rules.*': Object.keys(rule.shape),
  'rules.*.scope': ['include', 'exclude'],
  'rules.*.when': Object.keys(termSet),
  'rules.*.require': [...Object.keys(termSet), 'min'],
  'rules.*.forbid': Object.keys(termSet),
  'rules.*.when.ast': Object.keys(ast.shape),
  'rules.*.require.ast': Object.keys(ast.shape),
  'rules.*.forbid.ast': Object.keys(ast.shape),
  'checks.*': Object.keys(check.shape),
  'checks.*.report': Object.keys(report.shape),
  pass: ['fail_at'],
};
