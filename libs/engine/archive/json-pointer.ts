/**
 * The JSON pointer (RFC 6901) of the value in which a byte of a JSON text lies; as far as the text before it can be
 * read, for a text that was damaged.
 */
export function pointerAt(text: Buffer, offset: number): string {
  const path: (string | number)[] = [];
  const open: ('object' | 'array')[] = [];
  let expectsKey = false;
  for (let at = 0; at <= offset && at < text.length;) {
    const byte = text[at];
    if (byte === QUOTE) {
      const end = stringEnd(text, at);
      if (expectsKey && end <= offset) path[open.length - 1] = keyOf(text, at, end);
      at = end;
      continue;
    }
    if (byte === BRACE || byte === BRACKET) {
      open.push(byte === BRACE ? 'object' : 'array');
      path.length = open.length - 1;
      if (byte === BRACKET) path.push(0);
      expectsKey = byte === BRACE;
    } else if (byte === END_BRACE || byte === END_BRACKET) {
      open.pop();
      path.length = open.length;
      expectsKey = false;
    } else if (byte === COMMA) {
      const last = open.length - 1;
      expectsKey = open[last] === 'object';
      path.length = expectsKey ? last : open.length;
      if (!expectsKey && last >= 0) path[last] = Number(path[last]) + 1;
    } else if (byte === COLON) expectsKey = false;
    at += 1;
  }
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const [QUOTE, BACKSLASH, BRACE, END_BRACE, BRACKET, END_BRACKET, COMMA, COLON] = [
  ...Buffer.from('"\\{}[],:'),
];

/** Behind the closing quote. */
function stringEnd(text: Buffer, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function keyOf(text: Buffer, start: number, end: number): string {
  const raw = text.toString('utf8', start, end);
  try {
    return JSON.parse(raw) as string;
  } catch {
    return raw;
  }
}
