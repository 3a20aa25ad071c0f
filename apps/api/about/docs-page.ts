import type { OpenApiDocument } from '#contracts/api/openapi.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly [limit: string]: unknown;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly description: string;
  readonly required: boolean;
  readonly schema: Schema;
}
type Content = Readonly<Record<string, { readonly schema: Schema }>>;
interface Described {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
  readonly security: readonly unknown[];
}

const LIMITS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minimum', 'maximum', 'default'];
const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}
code{font:13px/1.5 ui-monospace,monospace}table{border-collapse:collapse;width:100%;margin:.5rem 0}
td{border-top:1px solid #d8dee4;padding:.3rem .6rem;vertical-align:top}td:first-child{white-space:nowrap}
details{border:1px solid #d8dee4;border-radius:6px;padding:.4rem .8rem;margin:.4rem 0}summary{cursor:pointer}
b.m{display:inline-block;width:4.5rem;text-transform:uppercase}`;

/** The OpenAPI document as a page for people: one file, no script, nothing from elsewhere. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      path,
      method,
      ...(described as unknown as Described),
    })),
  );
  const sections = document.tags.map((tag) => {
    const own = operations.filter(({ tags }) => tags.includes(String(tag['name'])));
    return `<h2>${escape(String(tag['name']))}</h2>${own.map(operation).join('')}`;
  });
  const schemas = Object.entries(document.components['schemas'] as Record<string, Schema>).map(
    ([name, schema]) => `<h3 id="${escape(name)}">${escape(name)}</h3>${fields(schema)}`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Planwright API</title><style>${STYLE}</style>
<h1>Planwright API</h1>
<p>Whatever changes something needs <code>Authorization: Bearer &lt;token&gt;</code>. For programs:
<a href="/api/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${sections.join('\n')}<h2>Schemas</h2>${schemas.join('\n')}</html>`;
}

function operation({
  path,
  method,
  summary,
  ...described
}: Described & { path: string; method: string }): string {
  const parameters = described.parameters.map((each) => [
    `<code>${escape(each.name)}</code>`,
    `${each.in}${each.required ? ', required' : ''}`,
    `${typeOf(each.schema)}. ${escape(each.description)}`,
  ]);
  const body = Object.values(described.requestBody?.content ?? {}).map(({ schema }) => typeOf(schema));
  const answers = Object.entries(described.responses).map(([status, { description, content }]) => [
    `<b>${status}</b>`,
    escape(description),
    Object.entries(content ?? {})
      .map(([type, { schema }]) => `${typeOf(schema)} <code>${escape(type)}</code>`)
      .join(', '),
  ]);
  return `<details><summary><b class="m">${method}</b> <code>${escape(path)}</code> ${escape(summary)}</summary>
${described.security.length > 0 ? '<p>Needs the token.</p>' : ''}${table(parameters)}
${body.length > 0 ? `<p>Body: ${body.join(', ')}</p>` : ''}${table(answers)}</details>`;
}

function fields(schema: Schema): string {
  if (schema.properties === undefined) return `<p>${typeOf(schema)}</p>`;
  return table(
    Object.entries(schema.properties).map(([name, each]) => [
      `<code>${escape(name)}</code>`,
      schema.required?.includes(name) === true ? 'required' : '',
      typeOf(each),
    ]),
  );
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = escape(schema.$ref.split('/').at(-1) ?? '');
    return `<a href="#${name}">${name}</a>`;
  }
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' or ');
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (values !== undefined) return values.map((value) => `<code>${escape(String(value))}</code>`).join(', ');
  if (schema.items !== undefined) return `list of ${typeOf(schema.items)}${limitsOf(schema)}`;
  if (schema.properties !== undefined) return `object${fields(schema)}`;
  return `${[schema.type ?? 'anything'].flat().join(' or ')}${limitsOf(schema)}`;
}

function limitsOf(schema: Schema): string {
  const limits = LIMITS.filter((name) => schema[name] !== undefined && !isSafeBound(schema[name])).map(
    (name) => `${name} ${escape(String(schema[name]))}`,
  );
  if (schema.format !== undefined) limits.unshift(escape(schema.format));
  else if (schema.pattern !== undefined) limits.push(`<code>${escape(schema.pattern)}</code>`);
  return limits.length === 0 ? '' : ` (${limits.join(', ')})`;
}

/** Bounds that only say that JSON has no larger integers. */
function isSafeBound(limit: unknown): boolean {
  return Math.abs(Number(limit)) === Number.MAX_SAFE_INTEGER;
}

function table(rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  return `<table>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`).join('')}</table>`;
}

function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
