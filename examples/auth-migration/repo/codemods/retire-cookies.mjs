// A sign-in sets no cookie any more, and no route, test or page speaks of one.
import { addFiles, edit } from './toolkit.mjs';

edit('src/handlers/sessions.ts', (file) => {
  file.remove(`import { sessionCookie } from '../auth/legacy-auth.ts';\n`);
  file.remove(`    headers: { 'set-cookie': sessionCookie(caller) },\n`);
});

edit('src/routes.ts', (file) => {
  file.replace(`export type Credential = 'session' | 'token';`, `export type Credential = 'token';`);
});

edit('src/server.ts', (file) => {
  file.remove(`  session: 'Cookie realm="Harbour"',\n`);
});

edit('test/support/harbour.ts', (file) => {
  file.remove(`  const [cookie] = answer.headers.getSetCookie();\n`);
  file.replace(
    `  return {\n` +
      `    session: { cookie: cookie.split(';')[0] },\n` +
      '    token: { authorization: `Bearer ${answer.body.token}` },\n' +
      `  };\n`,
    '  return { token: { authorization: `Bearer ${answer.body.token}` } };\n',
  );
});

addFiles('docs/Signing in.md');
