import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { openApiDocument } from '#contracts/api/openapi.js';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';
import { arbitraryOf, spoiled, weird, type JsonSchema } from '#testing/schema-arbitraries.js';

const RUNS = 500;
const SPEC = { spec: 1, rules: [{ id: 'r', forbid: { identifiers: ['total'] } }] };
/** No answer takes longer; a request that does hangs. */
const PATIENCE_MS = 20_000;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}
interface Given {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}
interface Described {
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: JsonSchema }[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: JsonSchema } };
  };
}

let api: ApiProcess;
let repository: string;
let ids: string[];
let references: string[];

beforeAll(async () => {
  // What asks a model is asked, and waits: there is no worker here.
  api = await ApiProcess.start({ PLANWRIGHT_MODEL_KEY: 'workers' });
  repository = await createOrigin(await api.folder.next('demo'));
  const task = (key: string) => ({
    key,
    title: key,
    executor: { command: 'true' },
    spec: SPEC,
  });
  const phases = [{ name: 'One', mode: 'manual', tasks: [task('a'), task('b')] }];
  const plans = [];
  for (const name of ['Kept', 'Started'])
    plans.push(await api.post('/api/plans', { repository, plan: { name, phases } }));
  await api.post('/api/plans/2/execute');
  expect(plans.map(({ status }) => status)).toEqual([201, 201]);
  const text = JSON.stringify(plans.map(({ body }) => body));
  ids = [...new Set(text.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g))];
  references = [...ids, ids[0]?.slice(0, 8) ?? '', '1', '2', '1.1', '2.1', '2.2', '3', '999'];
});

afterAll(() => api.stop());

function send({ method, path, body, ...given }: Request): Promise<Given> {
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const headers = { ...given.headers, ...length };
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.url);
    const sent = httpRequest({ hostname, port, method, path, headers, timeout: PATIENCE_MS }, (answer) => {
      const given = { status: answer.statusCode ?? 0, type: answer.headers['content-type'] ?? '' };
      if (given.type.startsWith('text/event-stream')) {
        sent.destroy();
        resolve({ ...given, text: '' });
        return;
      }
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => resolve({ ...given, text }));
      answer.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** No fault of ours, and every refusal says what is wrong in the one way. */
function expectSound({ status, type, text }: Given, what: Pick<Request, 'method' | 'path' | 'body'>): void {
  const sound = status >= 200 && status < 500;
  if (!sound) throw new Error(`${JSON.stringify(what).slice(0, 2_000)} gave ${status}: ${text}`);
  if (status < 400) return;
  expect(type).toContain('application/problem+json');
  if (what.method === 'HEAD') return;
  expect(JSON.parse(text)).toMatchObject({
    type: expect.stringMatching(/^urn:planwright:problem:[a-z-]+$/) as unknown,
    title: expect.any(String) as unknown,
    detail: expect.any(String) as unknown,
    status,
  });
}

const document = openApiDocument();
const schemas = document.components['schemas'] as Record<string, JsonSchema>;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => ({
    path,
    method,
    ...(described as unknown as Described),
  })),
);

/** As text in a header or an address: any character that can be sent there. */
const asText = (value: unknown): string =>
  (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 3_000);
const encode = (value: unknown): string => encodeURIComponent(asText(value).toWellFormed());
const headerText = (value: unknown): string => asText(value).replace(/[^\t\x20-\x7e\x80-\xff]/g, '?');

/** Mostly what the schema allows, often with one thing wrong, sometimes anything. */
function around(schema: JsonSchema): fc.Arbitrary<unknown> {
  const right = arbitraryOf(schema, schemas, ids);
  return fc.oneof(
    { weight: 4, arbitrary: right },
    { weight: 5, arbitrary: spoiled(right) },
    { weight: 1, arbitrary: weird },
  );
}

function requestOf(operation: (typeof operations)[number]): fc.Arbitrary<Request> {
  const named = (place: string) => operation.parameters.filter((each) => each.in === place);
  const record = (place: string) =>
    fc.record(Object.fromEntries(named(place).map(({ name, schema }) => [name, around(schema)])), {
      requiredKeys: [],
    });
  const reference = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...references) },
    { weight: 1, arbitrary: weird },
  );
  const schema = operation.requestBody?.content['application/json'].schema;
  const body = schema === undefined ? fc.constant(undefined) : around(schema).map(withRepository);
  const more = fc.oneof(
    { weight: 8, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: weird.map((value) => ({ 'x-other': headerText(value) })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        { 'content-type': 'text/plain' },
        { origin: 'http://evil' },
        { host: 'evil' },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom({ authorization: 'Bearer no' }, { accept: 'image/png' }, { expect: 'x' }),
    },
  );
  const method = fc.oneof(
    { weight: 12, arbitrary: fc.constant(operation.method.toUpperCase()) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'PROPFIND'),
    },
  );
  const query = fc.oneof(
    { weight: 5, arbitrary: record('query') },
    { weight: 1, arbitrary: fc.dictionary(fc.string(), weird, { maxKeys: 2 }) },
  );
  return fc
    .record({
      method,
      query,
      body,
      more,
      names: fc.array(reference, { minLength: 2, maxLength: 2 }),
      headers: record('header'),
    })
    .map((parts) => {
      const path = operation.path.replace(/\{\w+\}/g, () => encode(parts.names[0]) || '%20');
      const pairs = Object.entries(parts.query).map(([name, value]) => `${encode(name)}=${encode(value)}`);
      const sentHeaders = Object.entries(parts.headers).map(([name, value]) => [name, headerText(value)]);
      return {
        method: parts.method,
        path: pairs.length === 0 ? path : `${path}?${pairs.join('&')}`,
        headers: {
          authorization: `Bearer ${api.token}`,
          ...(parts.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(Object.fromEntries(sentHeaders) as Record<string, string>),
          ...parts.more,
        },
        body: parts.body === undefined ? undefined : JSON.stringify(parts.body),
      };
    });
}

/** A repository that exists, wherever one is asked for: what comes after it is reached too. */
function withRepository(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const fields = body as Record<string, unknown>;
  return {
    ...fields,
    ...(typeof fields['repository'] === 'string' ? { repository } : {}),
    ...(typeof fields['origin'] === 'string' ? { origin: repository } : {}),
  };
}

it(`${RUNS} requests around the document end without a fault of ours, and in time`, async () => {
  const request = fc.constantFrom(...operations).chain(requestOf);
  await fc.assert(
    fc.asyncProperty(request, async (each) => expectSound(await send(each), each)),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect((await api.get('/api/health')).status).toBe(200);
}, 300_000);

it.each([
  ['a body that is no JSON', '{"a": '],
  ['a body that is no object', '"text"'],
  ['a body with a prototype', '{"__proto__": {"a": 1}}'],
  ['a number no double can hold', '{"position": 1e999}'],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('latin1')],
  ['a body deeper than any stack', `{"metadata": ${'['.repeat(200_000)}${']'.repeat(200_000)}}`],
  ['nothing', ''],
])('%s is refused by every operation with a body', async (_what, body) => {
  for (const { method, path } of operations.filter(({ requestBody }) => requestBody !== undefined)) {
    const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' };
    const given = await send({ method, path: path.replace(/\{\w+\}/, '1'), headers, body });
    expectSound(given, { method, path, body });
    expect(given.status).toBeGreaterThanOrEqual(400);
  }
});

it.each([
  ['no HTTP at all', 'hello\r\n\r\n'],
  ['a header without a colon', 'GET /api/plans HTTP/1.1\r\nHost\r\n\r\n'],
  ['headers without end', `GET /api/plans HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['two lengths', 'POST /api/plans HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  [
    'an address that cannot be decoded',
    'GET /api/plans/%zz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
  ],
])('what is %s gets a problem document', async (_what, text) => {
  const { port } = new URL(api.url);
  const answer = await new Promise<string>((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(received));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer).toContain('application/problem+json');
});
