import type { Reader } from '../languages.js';

/** What one file says, and where its lines begin. */
export class SourceText {
  private readonly starts: number[] = [0];

  constructor(
    readonly text: string,
    /** Offsets in `text` of line ends that an escape wrote: they end no line of the file. */
    private readonly written: readonly number[] = [],
  ) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
  }

  /** The 1-based line of an offset. */
  lineAt(offset: number): number {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return this.written.length === 0 ? low : low - this.written.filter((at) => at < offset).length;
  }
}

/** UTF-8, or UTF-16 where a byte order mark says so, as compilers read it. */
export function decode(content: Uint8Array): string {
  if (content[0] === 0xff && content[1] === 0xfe) return new TextDecoder('utf-16le').decode(content);
  if (content[0] === 0xfe && content[1] === 0xff) return new TextDecoder('utf-16be').decode(content);
  return new TextDecoder().decode(content);
}

/** Whether names can be written otherwise than they read, so that a search of the bytes may miss one. */
export function canDisguise(content: Buffer, reader: Reader): boolean {
  if ((content[0] ?? 0) >= 0xfe) return true;
  if (reader === 'sql') return true;
  // Python compares names by their compatibility form: `ﬁle` is the name `file`.
  if (reader === 'python') return content.some((byte) => byte >= 0x80);
  return reader !== 'go' && content.includes('\\u');
}

/**
 * Source text as the language reads it: `leg\u0061cy` is the name `legacy`, so an escape must not hide a hit. Where an
 * escape is not a letter of a name it stays, but in Java, which reads every escape before anything else.
 */
export function readSource(content: Uint8Array, reader: Reader): SourceText {
  const text = decode(content);
  if (reader === 'go' || reader === 'python' || reader === 'sql' || !text.includes('\\u'))
    return new SourceText(text);
  const written: number[] = [];
  let shift = 0;
  const read = text.replace(ESCAPES, (...groups) => {
    const [whole, slashes, braced, four, offset] = groups as [string, string, string?, string?, number?];
    const plain = decodeEscape(whole, slashes, braced ?? four ?? '', reader === 'java');
    if (plain === null) return whole;
    if (plain.endsWith('\n')) written.push((offset ?? 0) - shift + plain.length - 1);
    shift += whole.length - plain.length;
    return plain;
  });
  return new SourceText(read, written);
}

/** Backslashes, of which the last one begins an escape if it is not itself escaped. */
const ESCAPES = /(\\+)u+(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{4}))/g;
const LETTER = /^[\p{ID_Continue}$\u200c\u200d]$/u;

function decodeEscape(whole: string, slashes: string, digits: string, java: boolean): string | null {
  if (slashes.length % 2 === 0) return null;
  if (!java && /^\\+uu/.test(whole)) return null;
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff) return null;
  const character = String.fromCodePoint(code);
  if (!java && !LETTER.test(character)) return null;
  return `${slashes.slice(1)}${character}`;
}
