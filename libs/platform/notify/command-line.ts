/**
 * Splits a command into a program and its arguments, as a shell would split plain words and quotes; nothing is
 * expanded. Null: it is empty, or a quote stays open.
 */
export function splitCommand(text: string): [string, ...string[]] | null {
  const words: string[] = [];
  let rest = text.trim();
  while (rest !== '') {
    const word = /^(?:[^\s"']|"[^"]*"|'[^']*')+/.exec(rest)?.[0];
    if (word === undefined) return null;
    words.push(
      word.replaceAll(
        /"([^"]*)"|'([^']*)'/g,
        (_, double?: string, single?: string) => double ?? single ?? '',
      ),
    );
    rest = rest.slice(word.length);
    if (rest !== '' && !/^\s/.test(rest)) return null;
    rest = rest.trimStart();
  }
  const [program, ...args] = words;
  return program === undefined || program === '' ? null : [program, ...args];
}
