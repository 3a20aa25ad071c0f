/** The folder with the real `claude`, for tests that need it; null: this machine has none, and they are shown as skipped. */
export const CLAUDE_CODE = process.env['PLANWRIGHT_TEST_CLAUDE_CODE'] || null;

/** Tests of the real Claude Code. CI installs it, and takes no report in which a test was skipped. */
export const describeClaudeCode: typeof describe.skip =
  CLAUDE_CODE === null
    ? (name, tests) => describe.skip(`${String(name)} (skipped: Claude Code is not installed)`, tests)
    : describe;

/** What it asks its model beside its task, such as a title, is offered no tools. */
export function isOfTheTask(request: {
  readonly body: { readonly tools?: readonly { name: string }[] };
}): boolean {
  return request.body.tools?.some(({ name }) => name === 'Bash') === true;
}
