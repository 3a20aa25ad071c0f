import { once } from 'node:events';
import type { Credential } from '../../src/routes.ts';
import { createHarbour } from '../../src/server.ts';
import { createStore } from '../../src/store.ts';

export type HeaderFields = Record<string, string>;

/** What a person holds after signing in: the headers for each kind of credential. */
export type Pass = Record<Credential, HeaderFields>;

export interface Answer {
  status: number;
  headers: Headers;
  /** The parsed JSON, or the text of anything else. */
  body: any;
}

export const ACCESS_KEYS: Record<string, string> = { nora: 'north-pier', emil: 'east-quay' };

/** A running service with a person of each role signed in. */
export interface Harbour {
  url: string;
  manager: Pass;
  clerk: Pass;
  close: () => void;
}

/** Starts a Harbour with a store of its own on a free port. */
export async function startHarbour(): Promise<Harbour> {
  const server = createHarbour(createStore()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('Harbour has no port.');

  const url = `http://127.0.0.1:${address.port}`;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url, manager: await signIn(url, 'nora'), clerk: await signIn(url, 'emil'), close };
}

/** Signs in. Only this function knows where a sign-in puts its credentials. */
export async function signIn(url: string, name: string): Promise<Pass> {
  const answer = await call(url, 'POST /sessions', undefined, { name, accessKey: ACCESS_KEYS[name] });
  const [cookie] = answer.headers.getSetCookie();
  return { session: { cookie: cookie.split(';')[0] } };
}

/** Sends a request such as `GET /orders` with everything in the pass. */
export async function call(url: string, request: string, pass?: Pass, body?: unknown): Promise<Answer> {
  return send(url, request, Object.assign({}, ...Object.values(pass ?? {})), body);
}

/** Sends a request with just these headers. */
export async function send(
  url: string,
  request: string,
  headers: HeaderFields,
  body?: unknown,
): Promise<Answer> {
  const [method, path] = request.split(' ');
  const reply = await fetch(url + path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const isJson = reply.headers.get('content-type') === 'application/json';
  return {
    status: reply.status,
    headers: reply.headers,
    body: isJson ? await reply.json() : await reply.text(),
  };
}
