/** Where an API answers, and what it asks for. */
export interface Place {
  readonly url: string;
  readonly token: string;
}

const SHOWN = 500;

/** One POST with a JSON body. @throws Error with the API's answer when it refuses */
export async function post<T>({ url, token }: Place, path: string, body: object): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path} was refused: ${text.slice(0, SHOWN)}`);
  return JSON.parse(text) as T;
}
