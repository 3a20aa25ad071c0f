import { z } from 'zod';
import type { ErrorCode } from '#domain/domain-error.js';
import { COMPONENTS, SHOWN_AS } from './components.js';
import { ANSWER_HEADERS, REQUEST_HEADERS, type Operation } from './operation.js';
import { OPERATIONS } from './operations.js';
import { PROBLEM_STATUS, PROBLEM_TITLE } from './problem.js';

type Json = Record<string, unknown>;

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Json;
  readonly tags: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: Json;
}

const PROBLEM_TYPE = 'application/problem+json';
const PARAMETERS: Readonly<Record<string, string>> = {
  plan: 'The number of a plan, its id, at least four characters of the beginning or end of its id, or `latest`.',
  task: 'The id of a task, or its number after the number of its plan: `12.3`.',
  attempt: 'The number of an attempt at the task.',
  id: 'An id.',
  file: 'Its name.',
};

/** The OpenAPI 3.1 document, made of the same zod schemas that check requests. */
export function openApiDocument(): OpenApiDocument {
  const names = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) names.add(schema, { id });
  const toSchema = schemaWriter(names);
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    (paths[operation.path] ??= {})[operation.method] = describe(operation, toSchema);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Planwright',
      version: '1',
      description: 'Executes multi-step plans on git repositories.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [...new Set(OPERATIONS.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: componentSchemas(names),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of this installation: the file `token` in its data folder.',
        },
      },
    },
  };
}

function describe(operation: Operation, toSchema: (schema: z.ZodType) => Json): Json {
  const { answer, body, id: operationId, summary, tag } = operation;
  return {
    operationId,
    summary,
    tags: [tag],
    parameters: parametersOf(operation, toSchema),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: operation.bodyRequired ?? true,
            content: { 'application/json': { schema: toSchema(body) } },
          },
        }),
    responses: {
      [answer.status]: {
        description: answer.description,
        ...headersOf(operation),
        ...(answer.schema === undefined && answer.type === undefined
          ? {}
          : {
              content: {
                [answer.type ?? 'application/json']: {
                  schema: answer.schema === undefined ? { type: 'string' } : toSchema(answer.schema),
                },
              },
            }),
      },
      ...problemsOf(operation),
    },
    security: operation.method === 'get' ? [] : [{ token: [] }],
  };
}

function parametersOf(operation: Operation, toSchema: (schema: z.ZodType) => Json): Json[] {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: PARAMETERS[name] ?? '',
    schema: { type: 'string', minLength: 1 },
  }));
  const inQuery = Object.entries(operation.query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: !(schema as z.ZodType).safeParse(undefined).success,
    description: (schema as z.ZodType).description ?? '',
    schema: toSchema(schema as z.ZodType),
  }));
  const inHeader = (operation.headers ?? []).map((name) => ({
    name,
    in: 'header',
    required: false,
    description: REQUEST_HEADERS[name].description,
    schema: REQUEST_HEADERS[name].schema,
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

function headersOf({ answer }: Operation): Json {
  if (answer.headers === undefined) return {};
  const headers = answer.headers.map((name) => [
    name,
    { description: ANSWER_HEADERS[name], schema: { type: 'string' } },
  ]);
  return { headers: Object.fromEntries(headers) as Json };
}

/** Refusals by status; those that several kinds share are one answer. */
function problemsOf(operation: Operation): Json {
  const codes: ErrorCode[] = ['forbidden', ...operation.refusals];
  if (operation.method !== 'get') codes.push('unauthorized', 'unsupported_media_type', 'too_large');
  const content = { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } };
  const answers = codes.map((code): [number, Json] => [
    PROBLEM_STATUS[code],
    { description: PROBLEM_TITLE[code], content },
  ]);
  if (operation.body !== undefined) answers.push([400, { description: 'The body is no JSON', content }]);
  answers.push([500, { description: 'A fault of ours', content }]);
  return Object.fromEntries(answers.sort(([a], [b]) => a - b)) as Json;
}

type Names = z.core.$ZodRegistry<{ id: string }>;

/** Writes a schema; named ones become references. */
function schemaWriter(names: Names): (schema: z.ZodType) => Json {
  return (schema) => {
    const id = names.get(schema)?.id;
    if (id !== undefined) return reference(id);
    return withoutAddress(z.toJSONSchema(schema, { ...OPTIONS, metadata: names }));
  };
}

function componentSchemas(names: Names): Json {
  const { schemas } = z.toJSONSchema(names, { ...OPTIONS, uri: (id) => reference(id).$ref });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [id, withoutAddress(schema as Json)]),
  );
}

/** What clients send; for what they get this is the same, open to fields of a later version. */
const OPTIONS = {
  io: 'input',
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }: { zodSchema: unknown; jsonSchema: Json }) => {
    const shown = SHOWN_AS.get(zodSchema);
    if (shown !== undefined) {
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      Object.assign(jsonSchema, reference(shown));
    }
  },
} as const;

function reference(id: string): { $ref: string } {
  return { $ref: `#/components/schemas/${id}` };
}

function withoutAddress({ $schema: _schema, $id: _id, ...schema }: Json): Json {
  return schema;
}
