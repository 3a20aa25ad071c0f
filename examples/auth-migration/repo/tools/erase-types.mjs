import { readFile } from 'node:fs/promises';

/** Node's loading hook: TypeScript files arrive without their types. */
export async function load(url, context, nextLoad) {
  if (!url.endsWith('.ts')) return nextLoad(url, context);
  const source = await readFile(new URL(url), 'utf8');
  return { format: 'module', source: eraseTypes(source), shortCircuit: true };
}

/**
 * Makes JavaScript of TypeScript by putting spaces in the place of types, so that the lines and columns of stack
 * traces stay right. It knows the few forms that Harbour uses, and no others:
 *
 *     import type …;    export type …;    type …;    interface … { … }
 *     function name<T>(parameter: T, option?: T, other: T = value): T { … }
 *     const name: T = …;    let name: T;    new Map<K, V>()
 */
export function eraseTypes(source) {
  const tokens = tokenize(source);
  const characters = source.split('');
  const at = (index) => tokens[index]?.text;

  function erase(from, to) {
    for (let place = tokens[from].start; place < tokens[to - 1].end; place++) {
      if (/\S/.test(characters[place])) characters[place] = ' ';
    }
  }

  /** The index after the bracket that closes the one at `open`. */
  function afterGroup(open) {
    let depth = 0;
    for (let index = open; index < tokens.length; index++) {
      if ('([{<'.includes(at(index))) depth++;
      else if (')]}>'.includes(at(index)) && --depth === 0) return index + 1;
    }
    throw new SyntaxError(`Nothing closes the "${at(open)}" at offset ${tokens[open].start}.`);
  }

  const afterOne = (index) => ('([{<'.includes(at(index)) ? afterGroup(index) : index + 1);

  /** The index of the first of `ends` outside of brackets; the first token never is one. */
  function find(ends, from) {
    let index = afterOne(from);
    while (index < tokens.length && !ends.includes(at(index))) index = afterOne(index);
    return index;
  }

  /** Erases `: T` or `?: T` where one starts at `index`. */
  function eraseAnnotation(index, ends) {
    const colon = at(index) === '?' ? index + 1 : index;
    if (at(colon) === ':') erase(index, find(ends, colon + 1));
  }

  function eraseSignature(index) {
    const generic = find(['(', '<'], index);
    const open = at(generic) === '<' ? afterGroup(generic) : generic;
    const end = afterGroup(open);
    if (open !== generic) erase(generic, open);
    for (let parameter = open + 1; parameter < end - 1; parameter = find([',', ')'], parameter) + 1) {
      eraseAnnotation(afterOne(at(parameter) === '...' ? parameter + 1 : parameter), [',', '=', ')']);
    }
    eraseAnnotation(end, ['{']);
  }

  let depth = 0;
  for (let index = 0; index < tokens.length; index++) {
    const word = at(index);
    const startsStatement = depth === 0 && [undefined, ';', '}'].includes(at(index - 1));
    const declaration = word === 'export' || word === 'import' ? index + 1 : index;
    if ('([{'.includes(word)) depth++;
    else if (')]}'.includes(word)) depth--;
    else if (startsStatement && at(declaration) === 'interface')
      erase(index, afterGroup(find(['{'], declaration)));
    else if (startsStatement && at(declaration) === 'type') erase(index, find([';'], declaration) + 1);
    else if (word === 'function') eraseSignature(index);
    else if (word === 'const' || word === 'let') eraseAnnotation(afterOne(index + 1), ['=', ';']);
    else if (word === 'new' && at(index + 2) === '<') erase(index + 2, afterGroup(index + 2));
  }
  return characters.join('');
}

const TRIVIA = /(?:\s|\/\/.*|\/\*[^]*?\*\/)*/y;
const TOKEN = /[\w$#]+|'(?:\\[^]|[^'\\])*'|"(?:\\[^]|[^"\\])*"|=>|\.\.\.|[^]/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[\n])+\/\w*/y;
const TEMPLATE = /[`}](?:\\[^]|\$(?!\{)|[^\\`$])*(?:`|\$\{)/y;
const ENDS_VALUE = /[\w$'"`)\]}]$/;

function tokenize(source) {
  const tokens = [];
  /** For every `${` that is open: how many braces are open in it. */
  const holes = [];
  const match = (pattern, start) => {
    pattern.lastIndex = start;
    return pattern.exec(source)?.[0] ?? '';
  };
  for (let start = match(TRIVIA, 0).length; start < source.length;) {
    const last = tokens.at(-1)?.text ?? '';
    const first = source[start];
    const closesHole = first === '}' && holes.at(-1) === 0;
    let text = '';
    if (first === '`' || closesHole) text = match(TEMPLATE, start);
    else if (first === '/' && (last === 'return' || !ENDS_VALUE.test(last))) text = match(REGEX, start);
    text ||= match(TOKEN, start);

    if (closesHole) holes.pop();
    if (text.endsWith('${')) holes.push(0);
    else if (holes.length > 0 && text === '{') holes[holes.length - 1]++;
    else if (holes.length > 0 && text === '}') holes[holes.length - 1]--;

    const end = start + text.length;
    tokens.push({ text, start, end });
    start = end + match(TRIVIA, end).length;
  }
  return tokens;
}
