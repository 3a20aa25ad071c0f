import { createHash } from 'node:crypto';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import type { Spec } from '#domain/spec/spec.js';
import { buildSpec } from './build-spec.js';
import { didYouMean } from './did-you-mean.js';
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

/** Parses a spec of the strict format. Every error names its line and column; nothing unknown is ignored. */
export function parseSpec(yamlText: string): ParsedSpec {
  const bytes = Buffer.byteLength(yamlText);
  if (bytes > MAX_BYTES) return refuse(`a spec may have at most ${MAX_BYTES} bytes, this one has ${bytes}`);
  const lines = new LineCounter();
  try {
    const document = parseDocument(yamlText, { lineCounter: lines, prettyErrors: false });
    if (document.errors.length > 0) {
      const errors = document.errors.slice(0, MAX_ERRORS).map((error) => {
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

function checkShape(value: unknown, positions: YamlPositions): Checked {
  const shape = specSchema.safeParse(value);
  if (!shape.success) {
    const errors = shape.error.issues.flatMap((issue) => issueErrors(issue, value, positions));
    return { ok: false, errors: errors.slice(0, MAX_ERRORS) };
  }
  const errors: SpecError[] = [];
  const spec = buildSpec(shape.data, (message, path) => errors.push(positions.error(message, path)));
  return errors.length === 0 ? { ok: true, spec } : { ok: false, errors: errors.slice(0, MAX_ERRORS) };
}

function issueErrors(issue: z.core.$ZodIssue, value: unknown, positions: YamlPositions): SpecError[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const hint = didYouMean(key, KNOWN_KEYS[placeOf(path)] ?? []);
      return positions.error(`unknown key '${key}'${hint}`, path, key);
    });
  }
  // An item may be one object or a list of them: what is wrong with the form that was written is the error.
  if (issue.code === 'invalid_union') {
    const written = Array.isArray(valueAt(value, path)) ? issue.errors[1] : issue.errors[0];
    const inner = (written ?? []).map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
    return inner.flatMap((each) => issueErrors(each, value, positions));
  }
  return [positions.error(describe(issue, valueAt(value, path)), path)];
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
