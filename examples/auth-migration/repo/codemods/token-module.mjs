// Adds signed tokens: the module, the scopes they carry, the secret that signs them, and their tests.
import { addFiles, edit } from './toolkit.mjs';

addFiles('src/auth/tokens.ts', 'src/auth/scopes.ts', 'test/tokens.test.ts');

edit('src/config.ts', (file) => {
  file.replace(
    `  sessionSecret: string;\n`,
    `  sessionSecret: string;\n  /** Signs the bearer tokens; the same on every instance. */\n  tokenSecret: string;\n`,
  );
  file.replace(
    `    sessionSecret: env.HARBOUR_SESSION_SECRET ?? 'only-for-development',\n`,
    `    sessionSecret: env.HARBOUR_SESSION_SECRET ?? 'only-for-development',\n` +
      `    tokenSecret: env.HARBOUR_TOKEN_SECRET ?? 'only-for-development',\n`,
  );
});
