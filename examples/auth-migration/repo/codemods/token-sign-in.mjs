// Adds the guard for bearer tokens. A sign-in hands out a token beside the cookie, and clients send both along.
import { addFiles, edit } from './toolkit.mjs';

addFiles('src/auth/bearer.ts', 'test/bearer.test.ts');

edit('src/handlers/sessions.ts', (file) => {
  file.replace(
    `import { sessionCookie } from '../auth/legacy-auth.ts';\n`,
    `import { sessionCookie } from '../auth/legacy-auth.ts';\n` +
      `import { issueToken } from '../auth/tokens.ts';\n` +
      `import { config } from '../config.ts';\n`,
  );
  file.replace(
    `    body: { user: user.name },\n`,
    `    body: { user: user.name, token: issueToken(caller, config.tokenSecret, Date.now() / 1000) },\n`,
  );
});

edit('src/routes.ts', (file) => {
  file.replace(`export type Credential = 'session';`, `export type Credential = 'session' | 'token';`);
});

edit('src/server.ts', (file) => {
  file.replace(
    `  session: 'Cookie realm="Harbour"',\n`,
    `  session: 'Cookie realm="Harbour"',\n  token: 'Bearer realm="Harbour"',\n`,
  );
});

edit('src/client/harbour-client.ts', (file) => {
  file.replace(
    `  const credentials = { cookie };\n`,
    `  const { token } = await parse(signedIn);\n` +
      '  const credentials = { cookie, authorization: `Bearer ${token}` };\n',
  );
});

edit('test/support/harbour.ts', (file) => {
  file.replace(
    `  return { session: { cookie: cookie.split(';')[0] } };\n`,
    `  return {\n` +
      `    session: { cookie: cookie.split(';')[0] },\n` +
      '    token: { authorization: `Bearer ${answer.body.token}` },\n' +
      `  };\n`,
  );
});
