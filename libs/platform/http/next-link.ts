/** The Link header (RFC 8288) to the next page of a list: the same question with the next cursor. */
export function nextLink(path: string, query: object, cursor: string): string {
  const parameters = Object.entries({ ...query, cursor })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, String(value)]);
  return `<${path}?${new URLSearchParams(parameters as [string, string][]).toString()}>; rel="next"`;
}
