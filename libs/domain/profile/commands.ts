/** What only a shell understands: several commands, redirections, substitutions, quotes that hide a word. */
const OF_THE_SHELL = /[;&|<>$`(){}\\\n\r'"*?[\]#~!]/;

/**
 * Whether a line begins with the words of one that is allowed. A line that takes a shell to understand is not: what it
 * would run cannot be read from it.
 */
export function mayRun(commands: readonly string[] | null, line: string): boolean {
  if (commands === null) return true;
  if (OF_THE_SHELL.test(line.trim())) return false;
  const words = wordsOf(line);
  return commands.some((allowed) => {
    const prefix = wordsOf(allowed);
    return prefix.length > 0 && prefix.every((word, at) => words[at] === word);
  });
}

/** A shell parts words by blanks and tabs; any other space is part of a word. */
function wordsOf(line: string): string[] {
  return line.split(/[ \t]+/).filter((word) => word !== '');
}
