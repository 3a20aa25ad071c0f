// The client sends nothing but its token: every route that it calls takes one by now.
import { edit } from './toolkit.mjs';

edit('src/client/harbour-client.ts', (file) => {
  file.remove(`  const cookie = readCookie(signedIn);\n`);
  file.replace('{ cookie, authorization: `Bearer ${token}` }', '{ authorization: `Bearer ${token}` }');
  file.remove(`
/** The session cookie without its attributes. */
function readCookie(reply: Response): string {
  const [cookie = ''] = reply.headers.getSetCookie();
  return cookie.split(';')[0];
}
`);
});
