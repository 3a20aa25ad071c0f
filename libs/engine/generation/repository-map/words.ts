const MIN_WORD = 4;
const COMMON = new Set(
  'that this with from have will shall should would could must when then than they them into over only also each every which what where there their about after before being been does using used make made need needs want wants like more most some such very able instead please add adds support feature implement create'.split(
    ' ',
  ),
);

/** The words of a request that may be found again in paths and names, each once, in their order. */
export function wordsOf(text: string): string[] {
  const words = text
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => (word.length > MIN_WORD && word.endsWith('s') ? word.slice(0, -1) : word))
    .filter((word) => word.length >= MIN_WORD && !COMMON.has(word));
  return [...new Set(words)];
}

/** How many of the words a text holds. */
export function shared(words: readonly string[], text: string): number {
  const lower = text.toLowerCase();
  return words.reduce((count, word) => count + Number(lower.includes(word)), 0);
}

const MAX_NAMES = 8;

/** What a request names as code would: routes as `POST /api/users`, and names of functions and components. */
export function namesOf(title: string, description: string): { routes: string[]; names: string[] } {
  const text = `${title}\n${description}`;
  const routes = [...text.matchAll(/\b(GET|POST|PUT|PATCH|DELETE)\s+(\/[\w\-./:{}[\]]*)/g)].map(
    ([, method, path]) => `${method} ${path}`,
  );
  const quoted = [...text.matchAll(/`([^`\n]{2,80})`/g)].flatMap(
    ([, inside = '']) => /^[\w$.]+\(?/.exec(inside) ?? [],
  );
  const cased =
    text.match(/\b[a-z]+(?:[A-Z][a-z0-9]+)+\b|\b(?:[A-Z][a-z0-9]+){2,}\b|\b[a-z]+(?:_[a-z0-9]+)+\b/g) ?? [];
  const spoken = wordsOf(title).slice(0, 4);
  const joined = spoken
    .map((word, at) => (at === 0 ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join('');
  const names = [...quoted.map((name) => name.replace(/\($/, '')), ...cased, joined].filter(
    (name) => name !== '',
  );
  return {
    routes: [...new Set(routes)].slice(0, MAX_NAMES),
    names: [...new Set(names)].slice(0, MAX_NAMES),
  };
}
