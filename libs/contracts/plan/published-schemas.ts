import { z } from 'zod';
import { PROFILE_NAMES, profileSchema } from '../spec/profile-schema.js';
import { specSchema } from '../spec/spec-schema.js';
import { priceFileSchema } from '../cost/price-file.js';
import { planFileSchema } from './plan-file.js';

type JsonSchema = Record<string, unknown>;

/** The files of docs/schemas: JSON Schema 2020-12 of what people write, for editors. */
export function publishedSchemas(): Readonly<Record<string, JsonSchema>> {
  const spec = titled(specFile(), 'Planwright spec', 'docs/specs.md');
  const plan = titled(planSchema(specFile()), 'Planwright plan file', 'docs/plan-files.md');
  const prices = titled(written(priceFileSchema), 'Prices of models', 'docs/budgets.md');
  return { 'plan.schema.json': plan, 'spec.schema.json': spec, 'prices.schema.json': prices };
}

/** The shape as a person writes it: what has a default may be left out. */
function written(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
}

/** A spec of the strict format, or an older profile, which has one name of several. */
function specFile(): JsonSchema {
  const { $schema, ...strict } = written(specSchema);
  const { $schema: _dialect, ...profile } = written(profileSchema);
  const named = PROFILE_NAMES.map((name) => ({ required: [name] }));
  return { $schema, anyOf: [strict, { ...profile, oneOf: named }] };
}

/** The parser takes any map as a spec and judges it by the rules of specs; an editor is given these rules at once. */
function planSchema(spec: JsonSchema): JsonSchema {
  const plan = written(planFileSchema);
  const { $schema: _dialect, ...definition } = spec;
  const task = itemsOf(itemsOf(plan, 'phases'), 'tasks');
  const text = { type: 'string', minLength: 1, maxLength: 1_000_000 };
  propertiesOf(task)['spec'] = { anyOf: [text, { $ref: '#/$defs/spec' }] };
  return { ...plan, $defs: { spec: definition } };
}

function itemsOf(schema: JsonSchema, property: string): JsonSchema {
  return (propertiesOf(schema)[property] as { readonly items: JsonSchema }).items;
}

function propertiesOf(schema: JsonSchema): JsonSchema {
  return schema['properties'] as JsonSchema;
}

function titled(schema: JsonSchema, title: string, page: string): JsonSchema {
  const { $schema, ...rest } = schema;
  return { $schema, title, description: `What each key means: ${page}.`, ...rest };
}
