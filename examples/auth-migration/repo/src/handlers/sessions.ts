import { sessionCookie } from '../auth/legacy-auth.ts';
import { httpError, readJson } from '../http/exchange.ts';
import type { Exchange, Reply } from '../http/exchange.ts';
import { hashAccessKey } from '../store.ts';

export async function signIn({ req, store }: Exchange): Promise<Reply> {
  const { name, accessKey } = await readJson(req);
  const accessKeyHash = hashAccessKey(String(accessKey));
  const user = store.users.find((one) => one.name === name && one.accessKeyHash === accessKeyHash);
  if (user === undefined) throw httpError(401, 'The name or the access key is wrong.');

  const caller = { userId: user.id, role: user.role };
  return {
    status: 201,
    headers: { 'set-cookie': sessionCookie(caller) },
    body: { user: user.name },
  };
}
