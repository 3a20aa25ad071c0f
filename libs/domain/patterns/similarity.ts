import { ROUTE_PARAMETER, routeShape } from '../spec/route-shape.js';

/** The words of a name: `createUser`, `create_user` and `CreateUser` are all `create`, `user`. */
export function nameParts(name: string): string[] {
  return name
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== '')
    .map((part) => part.toLowerCase());
}

/** A name that is read once, however often it is compared. */
export interface Name {
  readonly text: string;
  readonly parts: readonly string[];
}

export function asName(text: string): Name {
  return { text, parts: nameParts(text) };
}

/** What two names or routes that differ can reach at most, so that the same one always comes first. */
const MOST_ALIKE = 0.74;
/** What is done says more of how it is done than to what. */
const FIRST_WORD = 0.2;
/** Spelling alone says less than a shared word. */
const SPELLING = 0.8;
const MAX_SPELLED = 40;

/** How alike two names are, 0 to 1; 1 for the same name only. Symmetric. */
export function nameSimilarity(a: Name, b: Name): number {
  if (a.text === b.text) return 1;
  const verb = a.parts[0] === b.parts[0] ? FIRST_WORD : 0;
  const words = (1 - FIRST_WORD) * dice(a.parts, b.parts) + verb;
  const atMost =
    SPELLING * (1 - Math.abs(a.text.length - b.text.length) / Math.max(a.text.length, b.text.length));
  if (words >= atMost) return MOST_ALIKE * words;
  const spelling = SPELLING * spellingSimilarity(a.text.toLowerCase(), b.text.toLowerCase());
  return MOST_ALIKE * Math.max(words, spelling);
}

/** Shared entries of both lists by all entries; lists without any share nothing. */
export function dice(a: readonly string[], b: readonly string[]): number {
  if (a.length + b.length === 0) return 0;
  const left = [...b];
  let shared = 0;
  for (const part of a) {
    const at = left.indexOf(part);
    if (at < 0) continue;
    left.splice(at, 1);
    shared += 1;
  }
  return (2 * shared) / (a.length + b.length);
}

/** One minus the edits between two words by the length of the longer one; 0 where lengths alone rule out more than half. */
function spellingSimilarity(a: string, b: string): number {
  const longer = Math.max(a.length, b.length);
  if (longer > MAX_SPELLED || Math.min(a.length, b.length) * 2 < longer) return 0;
  return 1 - editDistance(a, b) / longer;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** A route that is read once. */
export interface RouteName {
  readonly method: string | null;
  readonly path: string;
  readonly segments: readonly string[];
  /** Words of the segments that are no parameters. */
  readonly words: readonly string[];
}

/** @param written `POST /api/users/{id}`; without a method: of any */
export function asRoute(written: string): RouteName {
  const { method, path } = routeShape(written);
  const segments = path.split('/').filter(Boolean);
  return { method, path, segments, words: segments.filter((each) => !isParameter(each)).flatMap(nameParts) };
}

const ROUTE_WEIGHTS = { method: 0.3, count: 0.2, kinds: 0.2, words: 0.3 };

/** How alike two routes are, 0 to 1; 1 for the same method and shape of path only. Symmetric. */
export function routeSimilarity(a: RouteName, b: RouteName): number {
  if (a.method === b.method && a.path === b.path) return 1;
  const anyMethod = a.method === null || b.method === null ? 0.5 : 0;
  const longer = Math.max(a.segments.length, b.segments.length);
  const sameKinds = a.segments.filter((segment, at) => {
    const other = b.segments[at];
    return other !== undefined && isParameter(segment) === isParameter(other);
  }).length;
  const sum =
    ROUTE_WEIGHTS.method * (a.method === b.method ? 1 : anyMethod) +
    ROUTE_WEIGHTS.count / (1 + Math.abs(a.segments.length - b.segments.length)) +
    ROUTE_WEIGHTS.kinds * (longer === 0 ? 1 : sameKinds / longer) +
    ROUTE_WEIGHTS.words * dice(a.words, b.words);
  return MOST_ALIKE * sum;
}

function isParameter(segment: string): boolean {
  return segment.includes(ROUTE_PARAMETER);
}
