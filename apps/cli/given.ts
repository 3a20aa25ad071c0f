/** Without what is undefined: what was not said on the command line is left to the API. */
export function given(body: Readonly<Record<string, string | undefined>>): Record<string, string>;
export function given(body: object): Record<string, unknown>;
export function given(body: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
