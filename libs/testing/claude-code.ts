import type { RequestBody } from './messages-api/request.js';

/** The folder with the real `claude`; null: there is none. */
export const CLAUDE_CODE = process.env['PLANWRIGHT_TEST_CLAUDE_CODE'] ?? null;

/** Tests of the real Claude Code: skipped, and shown so, where there is none. CI installs it, and takes no skipped test. */
export function describeClaudeCode(tests: () => void): void {
  if (CLAUDE_CODE === null) describe.skip('Claude Code (skipped: it is not installed)', tests);
  else describe('Claude Code', tests);
}

/** What it asks its model beside its task, such as a title, is offered no tools. */
export function isOfTheTask({ body }: { readonly body: Pick<RequestBody, 'tools'> }): boolean {
  return body.tools?.some(({ name }) => name === 'Bash') === true;
}
