// The old guard goes, and with it the role check and the secret that only the guard used.
import { edit, removeFiles } from './toolkit.mjs';

removeFiles('src/auth/legacy-auth.ts');

edit('src/auth/caller.ts', (file) => {
  file.remove(`import { httpError } from '../http/exchange.ts';\n`);
  file.remove(`
export function requireRole(caller: Caller, role: Role): Caller {
  if (caller.role !== role) throw httpError(403, \`Only for the role \${role}.\`);
  return caller;
}
`);
});

edit('src/config.ts', (file) => {
  file.remove(
    `  /** Goes into the checksum of every session cookie; the same on every instance. */\n  sessionSecret: string;\n`,
  );
  file.remove(`    sessionSecret: env.HARBOUR_SESSION_SECRET ?? 'only-for-development',\n`);
});
