import { createHash } from 'node:crypto';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Spec } from '#domain/spec/spec.js';
import { buildProfile } from './build-profile.js';
import { buildSpec, type Report } from './build-spec.js';
import { didYouMean } from './did-you-mean.js';
import { PROFILE_KEYS, PROFILE_NAMES, profileSchema } from './profile-schema.js';
import { KNOWN_KEYS, specSchema } from './spec-schema.js';
import { YamlPositions, type SpecError, type SpecPath } from './yaml-position.js';

export type { SpecError } from './yaml-position.js';

export type ParsedSpec =
  | { readonly ok: true; readonly spec: Spec; /** SHA-256 of the exact bytes, hex. */ readonly hash: string }
  | { readonly ok: false; readonly errors: readonly SpecError[] };

const MAX_BYTES = 1_048_576;
/** Bounds what aliases may expand to, counted by the yaml library. */
const MAX_ALIASES = 100;
const MAX_ERRORS = 50;

const REMEMBERED = 64;
/** Larger ones are rare, and would hold much. */
const MAX_REMEMBERED_LENGTH = 32_768;
const remembered = new Map<string, ParsedSpec>();

/**
 * Parses a spec, of the strict format or an older profile. Every error names its line and column; nothing unknown is
 * ignored.
 */
export function parseSpec(yamlText: string): ParsedSpec {
  // The same spec is asked for with every attempt, and what is known of its rules is known of these objects.
  const known = remembered.get(yamlText);
  if (known !== undefined) return known;
  const parsed = parseText(yamlText);
  if (yamlText.length > MAX_REMEMBERED_LENGTH) return parsed;
  const oldest = remembered.size >= REMEMBERED ? remembered.keys().next().value : undefined;
  if (oldest !== undefined) remembered.delete(oldest);
  remembered.set(yamlText, parsed);
  return parsed;
}

function parseText(yamlText: string): ParsedSpec {
  const bytes = Buffer.byteLength(yamlText);
  if (bytes > MAX_BYTES) return refuse(`a spec may have at most ${MAX_BYTES} bytes, this one has ${bytes}`);
  const lines = new LineCounter();
  try {
    const document = parseDocument(yamlText, { lineCounter: lines, prettyErrors: false });
    // A tag that is not known would be dropped with what it says about its value.
    const broken = [
      ...document.errors,
      ...document.warnings.filter(({ code }) => code === 'TAG_RESOLVE_FAILED'),
    ];
    if (broken.length > 0) {
      const errors = broken.slice(0, MAX_ERRORS).map((error) => {
        const { line, col } = lines.linePos(error.pos[0]);
        return { message: error.message, line: Math.max(line, 1), column: Math.max(col, 1), path: '' };
      });
      return { ok: false, errors };
    }
    const positions = new YamlPositions(document, lines);
    const result = checkShape(document.toJS({ maxAliasCount: MAX_ALIASES }), positions);
    return result.ok ? { ok: true, spec: result.spec, hash: hashSpec(yamlText) } : result;
  } catch (error) {
    // The yaml library throws these for alias bombs and for nesting deeper than the stack.
    if (error instanceof ReferenceError) return refuse(`the aliases cannot be resolved: ${error.message}`);
    if (error instanceof RangeError) return refuse('the document is nested too deeply');
    throw error;
  }
}

/** The hash by which an attempt pins a spec. */
export function hashSpec(yamlText: string): string {
  return createHash('sha256').update(yamlText, 'utf8').digest('hex');
}

type Checked = { ok: true; spec: Spec } | { ok: false; errors: SpecError[] };
type Keys = Readonly<Record<string, readonly string[]>>;

function checkShape(value: unknown, positions: YamlPositions): Checked {
  return isProfile(value)
    ? checkFormat(value, positions, profileSchema, PROFILE_KEYS, buildProfile)
    : checkFormat(value, positions, specSchema, KNOWN_KEYS, buildSpec);
}

function isProfile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || 'spec' in value) return false;
  return PROFILE_NAMES.some((name) => name in value);
}

function checkFormat<T>(
  value: unknown,
  positions: YamlPositions,
  schema: z.ZodType<T>,
  keys: Keys,
  build: (written: T, report: Report) => Spec,
): Checked {
  const shape = schema.safeParse(value);
  if (!shape.success) {
    const errors = shape.error.issues.flatMap((issue) => issueErrors(issue, value, positions, keys));
    return { ok: false, errors: errors.slice(0, MAX_ERRORS) };
  }
  const errors: SpecError[] = [];
  const spec = build(shape.data, (message, path, other) => {
    const both = other === undefined ? message : `${message} (see ${positions.placeOf(other)})`;
    errors.push(positions.error(both, path));
  });
  return errors.length === 0 ? { ok: true, spec } : { ok: false, errors: errors.slice(0, MAX_ERRORS) };
}

function issueErrors(
  issue: z.core.$ZodIssue,
  value: unknown,
  positions: YamlPositions,
  keys: Keys,
): SpecError[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const hint = unknownKeyHint(key, keys[placeOf(path)] ?? []);
      return positions.error(`unknown key '${key}'${hint}`, path, key);
    });
  }
  const written = valueAt(value, path);
  // `ast` may be one object or a list of them: what is wrong with the form that was written is the error.
  if (issue.code === 'invalid_union' && path.at(-1) === 'ast') {
    const tried = issue.errors[Array.isArray(written) ? 1 : 0] ?? [];
    const inner = tried.map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
    return inner.flatMap((each) => issueErrors(each, value, positions, keys));
  }
  return [positions.error(describe(issue, written), path)];
}

function unknownKeyHint(key: string, known: readonly string[]): string {
  if (key === '<<')
    return ': merge keys are not supported; repeat the keys, or use an alias for a whole value';
  if (key === 'compat' && !known.includes(key)) return ': it belongs to older profiles, not to `spec: 1`';
  return didYouMean(key, known);
}

function describe(issue: z.core.$ZodIssue, written: unknown): string {
  const name = String(issue.path.at(-1) ?? 'the spec');
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const hint = typeof written === 'string' ? didYouMean(written, allowed) : '';
    const found = written === undefined ? 'it is missing' : `not ${JSON.stringify(written)}`;
    return `'${name}' must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}; ${found}${hint}`;
  }
  if (issue.code === 'invalid_type' && written === undefined) return `'${name}' is missing`;
  if (issue.code === 'invalid_type') {
    const found = written === null ? 'nothing' : Array.isArray(written) ? 'a list' : typeof written;
    return `'${name}' must be ${issue.expected}, not ${found}`;
  }
  if (issue.code === 'invalid_union') {
    const wanted = issue.errors
      .flat()
      .map((each) => (each.code === 'invalid_type' ? each.expected : each.message));
    return `'${name}' must be ${wanted.join(' or ')}`;
  }
  return `'${name}' ${issue.message}`;
}

function placeOf(path: SpecPath): string {
  const place = path.map((step) => (typeof step === 'number' ? '*' : step)).join('.');
  return place.endsWith('.ast.*') ? place.slice(0, -2) : place;
}

function valueAt(value: unknown, path: SpecPath): unknown {
  return path.reduce<unknown>((at, step) => {
    return typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[step] : undefined;
  }, value);
}

function refuse(message: string): ParsedSpec {
  return { ok: false, errors: [{ message, line: 1, column: 1, path: '' }] };
}
