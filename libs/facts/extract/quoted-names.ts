/** Names that ECMAScript lets a program write as strings: `api['legacy']` is the property `legacy`. */

const STRING = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|` + '`(?:[^`\\\\$]|\\\\.)*`';
const STRINGS = String.raw`(?:${STRING})(?:\s*\+\s*(?:${STRING}))*`;
const SUBSCRIPT = new RegExp(String.raw`\[\s*(${STRINGS})\s*\]$`, 's');
const KEY = new RegExp(String.raw`^(?:\[\s*(${STRINGS})\s*\]|(${STRING}))\s*:`, 's');
const EACH = new RegExp(STRING, 'gs');
/** A quoted key, somewhere in a text. */
const MAY_HOLD_KEY = /['"`]\s*\]?\s*:/;
/** A name in quotes that does not stand there letter by letter. */
const DISGUISED =
  /['"`][^'"`\n]*\\[^nrtbfv0'"`\\$\n][^'"`\n]*['"`]\s*[\]:]|\[\s*['"`][^\]\n]*['"`]\s*\+|['"`][^'"`]*\\\r?\n/;
const BEFORE_OR_AFTER = ["['", '["', '[`', "':", '":', '`]'];

/** The name at the end of `object['name']`; null where it is none that the text alone tells. */
export function nameInBrackets(subscript: string): string | null {
  if (!subscript.endsWith(']')) return null;
  const index = SUBSCRIPT.exec(subscript.slice(-300))?.[1];
  return index === undefined ? null : valueOf(index);
}

/** The name before the colon of `'name': value`, in an object or in a pattern. */
export function nameOfKey(pair: string): string | null {
  const [, computed, plain] = KEY.exec(pair.slice(0, 300)) ?? [];
  const key = computed ?? plain;
  return key === undefined ? null : valueOf(key);
}

/** Whether it is worth asking the parser for pairs. */
export function mayHoldQuotedKeys(text: string): boolean {
  return MAY_HOLD_KEY.test(text);
}

/** Whether a search of the text may miss such a name. */
export function mayDisguiseQuotedNames(content: Buffer): boolean {
  if (content.includes('\\x')) return true;
  return BEFORE_OR_AFTER.some((text) => content.includes(text)) && DISGUISED.test(content.toString('latin1'));
}

function valueOf(strings: string): string {
  return [...strings.matchAll(EACH)].map(([quoted]) => unescape(quoted.slice(1, -1))).join('');
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|(\r\n|[^]))/g, (_whole, hex?: string, other?: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    return other === undefined || /[\r\n]/.test(other) ? '' : other;
  });
}
