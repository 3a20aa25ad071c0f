/** What a test point's diagnostic says of the failure. */
export interface Diagnosis {
  readonly message?: string;
  readonly file?: string;
  readonly line?: number;
}

const KEY = /^([A-Za-z_]+):(.*)$/;
const BLOCK = /^[|>][+-]?\d?$/;
const PLACE = /^(.+?):(\d{1,9})(?::\d{1,9})?$/;

/**
 * Reads the few keys that runners agree on from the lines of a YAML block. It is no YAML reader: nothing in there can
 * refer to anything.
 */
export function readDiagnostic(lines: readonly string[]): Diagnosis {
  const values = new Map<string, string>();
  for (let at = 0; at < lines.length; at += 1) {
    const [, key, rest = ''] = KEY.exec(lines[at] ?? '') ?? [];
    if (key === undefined || values.has(key)) continue;
    const value = rest.trim();
    values.set(key, BLOCK.test(value) ? blockAt(lines, at + 1) : unquoted(value));
  }
  const message = values.get('error') ?? values.get('message');
  const place = placeOf(values);
  return { ...(message !== undefined && message !== '' && { message }), ...place };
}

function blockAt(lines: readonly string[], begin: number): string {
  const block: string[] = [];
  for (const line of lines.slice(begin)) {
    if (line !== '' && !line.startsWith(' ')) break;
    block.push(line.trim());
  }
  return block.join('\n').trim();
}

function unquoted(value: string): string {
  const quote = value[0];
  if (value.length < 2 || (quote !== "'" && quote !== '"') || !value.endsWith(quote)) return value;
  const inner = value.slice(1, -1);
  return quote === "'" ? inner.replaceAll("''", "'") : inner.replaceAll(/\\(["\\])/g, '$1');
}

function placeOf(values: ReadonlyMap<string, string>): Pick<Diagnosis, 'file' | 'line'> {
  const location = values.get('location') ?? values.get('at') ?? values.get('file');
  if (location === undefined || location === '') return {};
  const [, file, line] = PLACE.exec(location) ?? [];
  if (file !== undefined) return { file, line: Number(line) };
  const separate = Number(values.get('line'));
  return { file: location, ...(separate > 0 && { line: separate }) };
}
