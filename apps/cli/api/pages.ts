import { sendForJson, type Place } from './transport.js';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** All items of a list of the API, page by page. */
export async function pages<T>(
  place: Place,
  list: string,
  query: Readonly<Record<string, string>> = {},
): Promise<T[]> {
  const found: T[] = [];
  for (let cursor: Record<string, string> | null = {}; cursor !== null;) {
    const asked = new URLSearchParams({ ...query, limit: '100', ...cursor });
    const page: Page<T> = await sendForJson(place, { method: 'GET', path: `${list}?${asked}` });
    found.push(...page.items);
    cursor = page.nextCursor === null ? null : { cursor: page.nextCursor };
  }
  return found;
}
