const GATES = new Map<string, RegExp>();

/**
 * Whether the text of some node of a file may match the regex of a search, told by the file's text alone: a search asks
 * node after node. Anchors at the ends of its alternatives are left out, and words that may be empty.
 */
export function mayMatch(text: string, regex: string): boolean {
  let gate = GATES.get(regex);
  if (gate === undefined) {
    const anyCase = /\(\?i[:)]/.test(regex);
    const plain = regex
      .replaceAll('(?i:', '(?:')
      .replace('(?i)', '')
      .replace(/(^|\|)\^(?:\\w\*)?/g, '$1')
      .replace(/\$(?=\||$)/g, '');
    gate = new RegExp(plain, anyCase ? 'i' : '');
    GATES.set(regex, gate);
  }
  return gate.test(text);
}
