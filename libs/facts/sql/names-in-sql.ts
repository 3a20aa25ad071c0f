const NAME = /"([^"]*)"|`([^`]*)`|\[([^\][]*)\]|[\p{L}_#@][\p{L}\p{N}_$#]*/gu;
/** What joins two names to one. */
const DOT = /^\s*\.\s*$/;

/**
 * Everything in a text that could be the name of a table, whatever stands around it, with and without what it is
 * qualified by: what a text that cannot be read to its end may still name.
 */
export function namesInSql(text: string): Set<string> {
  const names = new Set<string>();
  let qualified: string[] = [];
  let end = -1;
  for (const match of text.matchAll(NAME)) {
    const [raw, quoted, ticked, bracketed] = match;
    const name = quoted ?? ticked ?? bracketed ?? raw;
    const joined = end >= 0 && match.index - end < 100 && DOT.test(text.slice(end, match.index));
    qualified = joined ? [...qualified.slice(-3), name] : [name];
    for (let from = 0; from < qualified.length; from += 1) names.add(qualified.slice(from).join('.'));
    // What is quoted may be a string, and hold names itself.
    if (raw !== name) for (const inner of namesInSql(name)) names.add(inner);
    end = match.index + raw.length;
  }
  names.delete('');
  return names;
}
