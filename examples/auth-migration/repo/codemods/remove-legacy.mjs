// The old guard goes, and with it the role check and the secret that only the guard used.
//
// So does what a codemod generated, since it can be generated again. Whether somebody still relies on it, this script
// cannot know: it keeps what a verification reports.
import { edit, readInput, removeFiles } from './toolkit.mjs';

const { violations } = readInput();
const needed = new Set(violations.map((one) => one.term));

removeFiles('src/auth/legacy-auth.ts', ...['docs/access.md'].filter((page) => !needed.has(page)));

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
