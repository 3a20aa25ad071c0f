import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** A part of the page, as it is sent. */
export interface DocsFile {
  readonly type: string;
  readonly content: string | Buffer;
}

/** Nothing from elsewhere, nothing written into the page, nobody around it. The images are inside the style sheet. */
export const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Swagger UI on our document. Its own answers go to the same gate as everybody's: what changes needs the token. */
export const DOCS_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Planwright API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<script src="/api/docs/swagger-ui-bundle.js" defer></script>
<script src="/api/docs/start.js" defer></script>
</head>
<body><div id="swagger-ui"></div></body>
</html>
`;

/** The token is forgotten with the page, and the address cannot name another document. */
const START = `SwaggerUIBundle({
  url: '/api/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  queryConfigEnabled: false,
  persistAuthorization: false,
});
`;

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const INSTALLED: ReadonlyMap<string, string> = new Map([
  ['swagger-ui.css', 'text/css; charset=utf-8'],
  ['swagger-ui-bundle.js', JAVASCRIPT],
]);

/** @returns null for what the page does not need */
export async function docsFile(name: string): Promise<DocsFile | null> {
  if (name === 'start.js') return { type: JAVASCRIPT, content: START };
  const type = INSTALLED.get(name);
  if (type === undefined) return null;
  const installed = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');
  return { type, content: await readFile(path.join(path.dirname(installed), name)) };
}
