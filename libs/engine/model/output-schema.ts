import { z } from 'zod';

type Json = Readonly<Record<string, unknown>>;

/** Forms of strings that structured outputs know. */
const FORMATS = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);
const KEPT = new Set(['type', 'enum', 'const', 'title', 'required', '$ref']);
/** What says nothing to a model. */
const DROPPED = new Set(['$schema', '$id', '~standard', 'default', 'additionalProperties']);
/** The bounds that zod gives to every integer. */
const SAFE_BOUNDS = new Set<unknown>([Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);

/**
 * A zod schema as JSON Schema of the kind that structured outputs take: closed objects and no limits. Limits are told
 * to the model in descriptions; the zod schema judges them in the answer.
 *
 * @throws Error when the schema has what no such schema can say: recursion, tuples, objects of any key, any value
 */
export function outputSchemaOf(schema: z.ZodType): Readonly<Record<string, unknown>> {
  const json = z.toJSONSchema(schema, { io: 'input', cycles: 'throw' }) as Json;
  return adapted(json, 'output');
}

function adapted(node: Json, at: string): Json {
  refuseUnsayable(node, at);
  const told: string[] = [];
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    if (DROPPED.has(key) || key === 'description') continue;
    if (KEPT.has(key)) result[key] = value;
    else if (key === 'properties' || key === '$defs') result[key] = each(value as Json, `${at}.`);
    else if (key === 'items') result[key] = adapted(value as Json, `${at}[]`);
    else if (key === 'anyOf' || key === 'oneOf') result['anyOf'] = variants(value as Json[], at);
    else if (key === 'allOf') result[key] = variants(value as Json[], at);
    else if (isSayable(key, value)) result[key] = value;
    else if (!SAFE_BOUNDS.has(value) && !(key === 'pattern' && 'format' in node))
      told.push(`${key}: ${JSON.stringify(value)}`);
  }
  if ([node['type']].flat().includes('object')) result['additionalProperties'] = false;
  const description = [node['description'], told.length === 0 ? undefined : `{${told.join(', ')}}`]
    .filter((part) => part !== undefined)
    .join('\n');
  return description === '' ? result : { ...result, description };
}

const each = (nodes: Json, at: string): Json =>
  Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, adapted(node as Json, at + name)]));

const variants = (nodes: readonly Json[], at: string): Json[] => nodes.map((node) => adapted(node, at));

const isSayable = (key: string, value: unknown): boolean =>
  (key === 'format' && FORMATS.has(String(value))) || (key === 'minItems' && Number(value) <= 1);

const HAS_A_KIND = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref'];

function refuseUnsayable(node: Json, at: string): void {
  const refuse = (what: string) => {
    throw new Error(`The schema of a model's output cannot have ${what}, as ${at} has.`);
  };
  if (!HAS_A_KIND.some((key) => key in node)) refuse('values of any kind');
  if ('prefixItems' in node) refuse('tuples: use an object');
  if (
    typeof node['additionalProperties'] === 'object' &&
    Object.keys(node['additionalProperties'] ?? {}).length > 0
  )
    refuse('objects with any key: use an array of objects');
  if ('propertyNames' in node) refuse('objects with any key: use an array of objects');
}
