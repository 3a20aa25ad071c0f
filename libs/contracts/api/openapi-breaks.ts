interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
interface Described {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}
/** As much of an OpenAPI document as is compared. */
export interface Comparable {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Comparison {
  readonly side: 'request' | 'response';
  readonly place: string;
  readonly before: Comparable;
  readonly after: Comparable;
  readonly seen: Set<string>;
  readonly breaks: Set<string>;
}

/** What in a new document would break a client that was written against the old one: one sentence each. */
export function findBreaks(before: Comparable, after: Comparable): string[] {
  const breaks = new Set<string>();
  for (const [path, methods] of Object.entries(before.paths)) {
    for (const [method, old] of Object.entries(methods)) {
      const name = `${method.toUpperCase()} ${path}`;
      const now = after.paths[path]?.[method];
      if (now === undefined) {
        breaks.add(`${name} is gone`);
        continue;
      }
      compareParameters(name, old.parameters, now.parameters, breaks);
      compareBodies(name, old, now, { before, after, breaks });
      compareAnswers(name, old, now, { before, after, breaks });
    }
  }
  return [...breaks];
}

function compareParameters(
  name: string,
  old: readonly Parameter[],
  now: readonly Parameter[],
  breaks: Set<string>,
): void {
  const keyOf = (parameter: Parameter) => `${parameter.in} ${parameter.name}`;
  const known = new Map(old.map((parameter) => [keyOf(parameter), parameter]));
  const kept = new Set(now.map(keyOf));
  for (const key of known.keys()) if (!kept.has(key)) breaks.add(`${name} has no parameter ${key} any more`);
  for (const parameter of now) {
    if (parameter.required && known.get(keyOf(parameter))?.required !== true)
      breaks.add(`${name} needs the parameter ${keyOf(parameter)} now`);
  }
}

type Documents = Pick<Comparison, 'before' | 'after' | 'breaks'>;

function compareBodies(name: string, old: Described, now: Described, documents: Documents): void {
  if (now.requestBody?.required === true && old.requestBody?.required !== true)
    documents.breaks.add(`${name} needs a body now`);
  const place = `the body of ${name}`;
  compareContent(
    { ...documents, side: 'request', place },
    old.requestBody?.content,
    now.requestBody?.content,
  );
}

function compareAnswers(name: string, old: Described, now: Described, documents: Documents): void {
  for (const [status, answer] of Object.entries(old.responses)) {
    if (status >= '300') continue;
    const place = `the answer ${status} of ${name}`;
    const counterpart = now.responses[status];
    if (counterpart === undefined) documents.breaks.add(`${place} is gone`);
    else compareContent({ ...documents, side: 'response', place }, answer.content, counterpart.content);
  }
}

function compareContent(
  comparison: Omit<Comparison, 'seen'>,
  old: Content | undefined,
  now: Content | undefined,
): void {
  for (const [type, { schema }] of Object.entries(old ?? {})) {
    const counterpart = now?.[type]?.schema;
    if (counterpart === undefined) comparison.breaks.add(`${comparison.place} is no longer ${type}`);
    else compareSchema({ ...comparison, seen: new Set() }, schema, counterpart);
  }
}

function compareSchema(comparison: Comparison, oldSchema: Schema, newSchema: Schema): void {
  const { side, place, breaks, seen } = comparison;
  const pair = `${oldSchema.$ref} ${newSchema.$ref}`;
  if (oldSchema.$ref !== undefined && seen.has(pair)) return;
  seen.add(pair);
  const old = resolve(comparison.before, oldSchema);
  const now = resolve(comparison.after, newSchema);
  compareTypes(comparison, old, now);
  for (const [field, schema] of Object.entries(old.properties ?? {})) {
    const inner = `${field} in ${place}`;
    const counterpart = now.properties?.[field];
    if (counterpart === undefined) {
      breaks.add(`${inner} is gone`);
      continue;
    }
    compareSchema({ ...comparison, place: inner }, schema, counterpart);
    const promised = old.required?.includes(field) === true;
    if (side === 'response' && promised && now.required?.includes(field) !== true)
      breaks.add(`${inner} may be absent now`);
  }
  for (const field of side === 'request' ? (now.required ?? []) : []) {
    if (old.required?.includes(field) !== true) breaks.add(`${field} in ${place} is required now`);
  }
  if (old.items !== undefined && now.items !== undefined)
    compareSchema({ ...comparison, place: `an item of ${place}` }, old.items, now.items);
}

/** Whoever reads must understand everything that the other side may send. */
function compareTypes({ side, place, breaks }: Comparison, old: Schema, now: Schema): void {
  const [sent, understood] = side === 'request' ? [typesOf(old), typesOf(now)] : [typesOf(now), typesOf(old)];
  if (understood.size === 0) return;
  for (const type of sent) {
    if (!understood.has(type))
      breaks.add(`${place} ${side === 'request' ? 'can no longer be' : 'can be'} ${type}`);
  }
}

/** The JSON types, or values of a closed list, that a schema allows; empty when it allows anything. */
function typesOf(schema: Schema): Set<string> {
  if (schema.enum !== undefined) return new Set(schema.enum.map((value) => JSON.stringify(value)));
  if (schema.anyOf !== undefined) {
    const parts = schema.anyOf.map(typesOf);
    return parts.some((part) => part.size === 0) ? new Set() : new Set(parts.flatMap((part) => [...part]));
  }
  return new Set([schema.type ?? []].flat());
}

function resolve(document: Comparable, schema: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  return document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {};
}
