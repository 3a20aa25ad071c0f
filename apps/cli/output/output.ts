import pc from 'picocolors';

/** Data goes to stdout, talk to stderr, so that a pipe gets the data alone. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

export const colours = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true);

/** The version of the envelope around `--json` output; it grows when a field changes its meaning or goes. */
const ENVELOPE_VERSION = 1;

/** What JSON output says of itself, around the data. */
export function envelope(kind: string, data: unknown): object {
  return { planwright: ENVELOPE_VERSION, kind, data };
}

/** One JSON document: what it is, and the data. */
export function printJson(kind: string, data: unknown): void {
  print(JSON.stringify(envelope(kind, data), null, 2));
}

/** Columns as wide as their widest cell; colour codes take no room. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, visible(cell))));
  for (const row of rows) {
    const cells = row.map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - visible(cell)));
    print(cells.join('  ').trimEnd());
  }
}

function visible(text: string): number {
  return [...text.replace(/\x1b\[[0-9;]*m/g, '')].length;
}
