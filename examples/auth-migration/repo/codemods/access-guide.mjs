// Writes docs/access.md: which token each route takes, read from the route table and the handlers.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fail } from './toolkit.mjs';

const table = readFileSync('src/routes.ts', 'utf8');
const handlers = readdirSync('src/handlers').map((file) => readFileSync(`src/handlers/${file}`, 'utf8'));

const rows = [];
for (const [, method, path, credential, handle] of table.matchAll(
  /method: '(\w+)', path: '(.+?)', credential: '(\w+)', handle: (\w+)/g,
)) {
  if (credential === 'session') fail(`src/routes.ts: ${method} ${path} takes a session cookie still`);
  rows.push(`| \`${method} ${path}\` | ${credential === 'none' ? 'open to everyone' : scopeOf(handle)} |`);
}
if (rows.length === 0) fail('src/routes.ts: there are no routes');

const guide = `# Access

Send the token from \`POST /sessions\` along as \`Authorization: Bearer <token>\`. It lasts eight hours.

| Route | Scope |
|---|---|
${rows.join('\n')}
`;
writeFileSync('docs/access.md', guide);
console.log(`docs/access.md: written, ${rows.length} routes`);

/** The scope that a handler asks for by itself; otherwise it depends on what is asked for. */
function scopeOf(handler) {
  const body = new RegExp(`function ${handler}\\b[^]*?\\n}\\n`);
  const found = handlers.map((text) => body.exec(text)?.[0]).find((text) => text !== undefined);
  if (found === undefined) fail(`src/handlers: there is no function ${handler}`);
  const scope = /authenticate\(req, '(.+?)'\)/.exec(found)?.[1];
  return scope === undefined ? 'depends on the file' : `\`${scope}\``;
}
