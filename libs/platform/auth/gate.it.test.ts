import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { installGate } from './gate.js';

const TOKEN = 'k'.repeat(43);
const BEARER = { authorization: `Bearer ${TOKEN}` };
const JSON_TYPE = { 'content-type': 'application/json' };

let server: FastifyInstance;
let port: number;
let reached: string[];

beforeAll(async () => {
  server = fastify();
  installGate(server, TOKEN);
  server.all('/*', async (request) => {
    reached.push(`${request.method} ${request.url}`);
    return { ok: true };
  });
  server.get('/jobs', async (request) => {
    reached.push(`${request.method} ${request.url}`);
    return { jobs: true };
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  port = (server.server.address() as AddressInfo).port;
});

beforeEach(() => {
  reached = [];
});

afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          headers: response.headers,
          body: text,
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

function expectProblem(answer: Answer, status: number, kind: string): void {
  expect(answer).toMatchObject({
    status,
    type: expect.stringContaining('application/problem+json') as unknown,
  });
  expect(JSON.parse(answer.body)).toMatchObject({ status, type: `urn:planwright:problem:${kind}` });
  expect(reached).toEqual([]);
}

describe('who may read', () => {
  it.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])(
    'a client that names the server %s, without a token',
    async (name) => {
      expect((await send('GET', '/api/plans', { host: `${name}:${port}` })).status).toBe(200);
    },
  );

  it.each([
    ['another name (DNS rebinding)', () => `evil.example:${port}`],
    ['a name that only starts like ours', () => `127.0.0.1.evil.example:${port}`],
    ['a name that only ends like ours', () => `evil.localhost:${port}`],
    ['another port', () => `127.0.0.1:${port + 1}`],
    ['no port', () => '127.0.0.1'],
    ['a user before our name', () => `evil@127.0.0.1:${port}`],
    ['another address of this machine', () => `127.0.0.2:${port}`],
  ])('not a client that names as Host %s', async (_what, host) => {
    expectProblem(await send('GET', '/api/plans', { host: host() }), 403, 'forbidden');
  });

  it('not a client without a Host (HTTP/1.0)', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => socket.write('GET /api/plans HTTP/1.0\r\n\r\n'));
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.[01] 403/);
    expect(reached).toEqual([]);
  });

  it.each(['http://evil.example', 'null', 'https://127.0.0.1:0', 'http://localhost:1', ''])(
    'not a page of the Origin %j',
    async (origin) => {
      expectProblem(await send('GET', '/api/plans', { origin }), 403, 'forbidden');
    },
  );

  it('the page that this server served itself', async () => {
    expect((await send('GET', '/api/plans', { origin: `http://127.0.0.1:${port}` })).status).toBe(200);
  });
});

describe('who may change something', () => {
  it('whoever shows the token and sends JSON, or no body', async () => {
    expect((await send('POST', '/api/plans', { ...BEARER, ...JSON_TYPE }, '{}')).status).toBe(200);
    expect(
      (
        await send(
          'POST',
          '/api/plans',
          { ...BEARER, 'content-type': 'application/json; charset=utf-8' },
          '{}',
        )
      ).status,
    ).toBe(200);
    expect((await send('POST', '/api/plans/1/execute', BEARER)).status).toBe(200);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s needs the token', async (method) => {
    expectProblem(await send(method, '/api/plans', JSON_TYPE, '{}'), 401, 'unauthorized');
  });

  it.each([
    ['another token of the same length', `Bearer ${'x'.repeat(43)}`],
    ['a shorter one', `Bearer ${TOKEN.slice(1)}`],
    ['a longer one', `Bearer ${TOKEN}k`],
    ['an empty one', 'Bearer '],
    ['the token without its scheme', TOKEN],
    ['another scheme', `Basic ${TOKEN}`],
  ])('not with %s', async (_what, authorization) => {
    expectProblem(
      await send('POST', '/api/plans', { ...JSON_TYPE, authorization }, '{}'),
      401,
      'unauthorized',
    );
  });

  it('not with the token in the address', async () => {
    expectProblem(await send('POST', `/api/plans?token=${TOKEN}`, JSON_TYPE, '{}'), 401, 'unauthorized');
  });

  it.each([
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain',
    'text/plain; x=application/json',
    'application/jsonx',
    'application/json, text/plain',
  ])('not with a body of type %s, even with the token', async (type) => {
    expectProblem(
      await send('POST', '/api/plans', { ...BEARER, 'content-type': type }, 'a=b'),
      415,
      'unsupported-media-type',
    );
  });

  it('not from a foreign page, even with the token', async () => {
    expectProblem(
      await send('POST', '/api/plans', { ...BEARER, ...JSON_TYPE, origin: 'http://evil.example' }, '{}'),
      403,
      'forbidden',
    );
  });

  it('a body without a type does not get in', async () => {
    const answer = await send('POST', '/api/plans', { ...BEARER, 'content-length': '3' }, 'a=b');
    expect(answer.status).toBe(415);
    expect(reached).toEqual([]);
  });

  it('the answer to a wrong token does not show the right one', async () => {
    const answer = await send('POST', '/api/plans', { ...JSON_TYPE, authorization: 'Bearer x' }, '{}');
    expect(answer.body).not.toContain(TOKEN);
  });
});

describe('the job dashboard', () => {
  it.each(['/jobs', '/jobs/', '/jobs/queue/execution', '/jobs?page=2', '/%6aobs', '/%6Aobs/queue/execution'])(
    '%s needs the token even to be read',
    async (path) => {
      expectProblem(await send('GET', path), 401, 'unauthorized');
      expect((await send('GET', path, BEARER)).status).toBe(200);
    },
  );

  it('a path that only starts like it does not', async () => {
    expect((await send('GET', '/jobsearch')).status).toBe(200);
  });

  describe('in a browser', () => {
    const signIn = () => send('GET', `/jobs?token=${TOKEN}`);
    const cookieOf = (answer: Answer) => answer.headers['set-cookie']?.[0] ?? '';
    const pairOf = (answer: Answer) => cookieOf(answer).split(';')[0] ?? '';

    it('the token in the address gives a cookie once, and the address without it', async () => {
      const answer = await signIn();
      expect(answer).toMatchObject({ status: 303, body: '', headers: { location: '/jobs' } });
      expect(cookieOf(answer)).toMatch(
        new RegExp(`^planwright_jobs_${port}=[\\w-]{43}; Path=/jobs; HttpOnly; SameSite=Strict$`),
      );
      expect(answer.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
      expect(reached).toEqual([]);
    });

    it('the cookie does not give the token away', async () => {
      expect(JSON.stringify((await signIn()).headers)).not.toContain(TOKEN);
    });

    it.each(['/jobs', '/jobs/', '/jobs/queue/execution', '/jobs/static/app.js', '/%6aobs'])(
      'the cookie reads %s',
      async (path) => {
        const cookie = `theme=dark; ${pairOf(await signIn())}; other=1`;
        expect((await send('GET', path, { cookie })).status).toBe(200);
      },
    );

    it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('the cookie changes nothing: %s', async (method) => {
      const cookie = pairOf(await signIn());
      for (const path of ['/jobs/api/queues/execution/1/retry', '/api/plans', `/jobs?token=${TOKEN}`])
        expectProblem(await send(method, path, { cookie, ...JSON_TYPE }, '{}'), 401, 'unauthorized');
    });

    it.each([
      ['another value', () => `planwright_jobs_${port}=${'x'.repeat(43)}`],
      ['an empty one', () => `planwright_jobs_${port}=`],
      ['the token itself', () => `planwright_jobs_${port}=${TOKEN}`],
      ['that of another port', (own: string) => own.replace(String(port), String(port + 1))],
    ])('no cookie with %s', async (_what, change) => {
      const cookie = change(pairOf(await signIn()));
      expectProblem(await send('GET', '/jobs', { cookie }), 401, 'unauthorized');
    });

    it.each([
      ['a wrong token', '/jobs?token=wrong'],
      ['an empty token', '/jobs?token='],
      ['the token at another path', `/jobs/queue/execution?token=${TOKEN}`],
      ['the token under another name', `/jobs?key=${TOKEN}`],
    ])('no entry with %s', async (_what, path) => {
      const answer = await send('GET', path);
      expectProblem(answer, 401, 'unauthorized');
      expect(answer.headers['set-cookie']).toBeUndefined();
    });

    it('no entry for a page of another Origin, nor under another Host, even with the token', async () => {
      const path = `/jobs?token=${TOKEN}`;
      expectProblem(await send('GET', path, { origin: 'http://evil.example' }), 403, 'forbidden');
      expectProblem(await send('GET', path, { host: `evil.example:${port}` }), 403, 'forbidden');
    });
  });
});

describe('a server that others reach by its name', () => {
  const WORKER = 'w'.repeat(43);
  let named: FastifyInstance;
  let namedPort: number;

  beforeAll(async () => {
    named = fastify();
    const allowedHosts = ['build.example', 'proxy.example:8443'];
    installGate(named, TOKEN, { workerToken: WORKER, allowedHosts });
    named.all('/hub/*', async () => 'hub');
    named.all('/*', async () => 'else');
    await named.listen({ port: 0, host: '127.0.0.1' });
    namedPort = (named.server.address() as AddressInfo).port;
  });
  afterAll(() => named.close());

  const ask = (
    path: string,
    headers: Record<string, string>,
    method: 'GET' | 'POST' = 'GET',
  ): Promise<{ readonly statusCode: number; readonly body: string }> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: namedPort, method, path, headers };
      const request = httpRequest(options, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () => resolve({ statusCode: response.statusCode ?? 0, body }));
      });
      request.on('error', reject);
      request.end();
    });

  it.each([
    ['build.example', 200],
    ['BUILD.example:PORT', 200],
    ['proxy.example:8443', 200],
    ['proxy.example', 403],
    ['build.example:1', 403],
    ['evil.build.example:PORT', 403],
    ['build.example.evil:PORT', 403],
  ])('knows the Host %s: %i', async (host, status) => {
    const headers = { ...BEARER, host: host.replace('PORT', String(namedPort)) };
    expect((await ask('/api/plans', headers)).statusCode).toBe(status);
  });

  it('wants the token for reading too', async () => {
    const host = `build.example:${namedPort}`;
    expect((await ask('/api/plans', { host })).statusCode).toBe(401);
    expect((await ask('/api/plans', { host: `127.0.0.1:${namedPort}` })).statusCode).toBe(200);
  });

  it('opens the hubs with the token of a worker, and nothing else', async () => {
    const headers = { authorization: `Bearer ${WORKER}`, host: `build.example:${namedPort}` };
    expect(await ask('/hub/x', headers, 'POST')).toEqual({
      statusCode: 200,
      body: 'hub',
    });
    for (const path of ['/api/plans', '/hub', '/hubs/x', '//hub/x', '/jobs'])
      expect([path, (await ask(path, headers)).statusCode]).toEqual([path, 401]);
    expect((await ask('/api/plans', headers, 'POST')).statusCode).toBe(401);
  });

  it.each(['/hub/x', '/%68ub/x', '/hub/../api/plans'])('keeps %s shut without one', async (path) => {
    expect((await ask(path, { host: `127.0.0.1:${namedPort}` })).statusCode).toBe(401);
  });
});
