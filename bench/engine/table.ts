import type { BenchRecord } from '../record.js';

const HEAD = ['case', 'backend', 'n', 'planwright', 'unit', 'baseline', 'value', 'ratio'];

/** The records for a person, in columns. */
export function tableOf(records: readonly BenchRecord[]): string {
  const rows = records.map((record) => [
    record.case,
    record.backend,
    String(record.n),
    String(record.value),
    record.unit,
    record.baseline,
    String(record.baselineValue),
    String(record.ratio),
  ]);
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${[HEAD, ...rows].map(line).join('\n')}\n`;
}
