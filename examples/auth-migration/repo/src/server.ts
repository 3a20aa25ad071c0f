import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { isHttpError } from './http/exchange.ts';
import type { Reply } from './http/exchange.ts';
import { routes } from './routes.ts';
import type { Credential, Route } from './routes.ts';
import type { Store } from './store.ts';

/** The `www-authenticate` header that tells a stranger what to bring. */
const CHALLENGES: Record<Credential, string> = {
  session: 'Cookie realm="Harbour"',
};

interface Match {
  route: Route;
  params: Record<string, string>;
}

export function createHarbour(store: Store): Server {
  return createServer(async (req, res) => {
    send(res, await answer(req, store));
  });
}

async function answer(req: IncomingMessage, store: Store): Promise<Reply> {
  const { pathname } = new URL(req.url ?? '/', 'http://harbour');
  const match = findRoute(req.method ?? 'GET', pathname);
  if (match === undefined) return { status: 404, body: { error: 'There is nothing here.' } };
  try {
    return await match.route.handle({ req, params: match.params, store });
  } catch (error) {
    return refuse(error, match.route);
  }
}

function findRoute(method: string, pathname: string): Match | undefined {
  for (const route of routes) {
    const params = route.method === method ? matchPath(route.path, pathname) : undefined;
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

/** What the `:name` parts of the pattern match, or undefined where the path is another one. */
function matchPath(pattern: string, pathname: string): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const actual = pathname.split('/');
  if (expected.length !== actual.length) return undefined;

  const params: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = actual[index];
    else if (part !== actual[index]) return undefined;
  }
  return params;
}

function refuse(error: unknown, { credential }: Route): Reply {
  if (!isHttpError(error)) {
    console.error(error);
    return { status: 500, body: { error: 'Something went wrong on our side.' } };
  }
  const challenged = error.status === 401 && credential !== 'none';
  return {
    status: error.status,
    headers: challenged ? { 'www-authenticate': CHALLENGES[credential] } : {},
    body: { error: error.message },
  };
}

function send(res: ServerResponse, { status, headers, body }: Reply): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(text);
}
