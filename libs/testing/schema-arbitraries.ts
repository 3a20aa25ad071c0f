import fc from 'fast-check';

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

/** Values that break what trusts its input: wrong types, huge, NUL, half of a character, deep. */
export const weird: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', ' ', 0, -1, 1.5, 2 ** 53, -(2 ** 63), 1e308, [], {}),
  fc.constantFrom<unknown>(
    '\0',
    'a\0b',
    '\ud800',
    'a\udc00',
    '\u202e',
    '../../etc/passwd',
    "'; DROP TABLE plans",
  ),
  fc.constantFrom<unknown>('x'.repeat(70_000), Array(2_000).fill(0), deep(150), deep(800)),
  fc.constantFrom<unknown>({ constructor: { prototype: 1 } }, { toString: 1 }, { then: 'x' }),
  fc.string({ unit: 'binary' }),
  fc.jsonValue(),
);

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Values that a schema allows, with ids that exist where it asks for ids. */
export function arbitraryOf(
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
  ids: readonly string[],
  depth = 0,
): fc.Arbitrary<unknown> {
  const inner = (each: JsonSchema) => arbitraryOf(each, schemas, ids, depth + 1);
  if (depth > 8) return fc.constant(null);
  if (schema.$ref !== undefined) return inner(schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(inner));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch ([schema.type].flat()[0]) {
    case 'string':
      if (schema.format === 'uuid') return fc.constantFrom(...ids);
      if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern), { size: '-1' });
      return fc.string({ minLength: schema.minLength ?? 0, maxLength: 30 });
    case 'integer':
    case 'number':
      return fc.integer({ min: clamp(schema.minimum), max: clamp(schema.maximum ?? 1_000) });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(inner(schema.items ?? {}), { maxLength: 3 });
    case 'object':
      if (schema.properties === undefined) return fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 });
      return fc.record(
        Object.fromEntries(Object.entries(schema.properties).map(([name, each]) => [name, inner(each)])),
        { requiredKeys: [...(schema.required ?? [])] },
      );
    default:
      return fc.jsonValue();
  }
}

function clamp(bound: number | undefined): number {
  return Math.max(-1_000, Math.min(100_000, bound ?? 0));
}

/** The value with one place in it replaced, removed or added to. */
export function spoiled(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const how = fc.constantFrom('replace', 'remove', 'add');
  return fc
    .tuple(value, fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), weird, how)
    .map(([whole, steps, wrong, way]) => spoil(whole, steps, wrong, way));
}

function spoil(value: unknown, steps: readonly number[], wrong: unknown, way: string): unknown {
  if (typeof value !== 'object' || value === null) return wrong;
  const keys = Object.keys(value);
  const key = keys[(steps[0] ?? 0) % Math.max(1, keys.length)];
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  if (key === undefined) return wrong;
  if (steps.length > 1 && typeof copy[key] === 'object' && copy[key] !== null)
    copy[key] = spoil(copy[key], steps.slice(1), wrong, way);
  else if (way === 'remove') delete copy[key];
  else if (way === 'add') copy['unknown field'] = wrong;
  else copy[key] = wrong;
  return copy;
}
