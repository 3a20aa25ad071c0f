import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import stopServers from './jest-global-teardown.mjs';

const HEAD = ['fault', 'queues', 'tried', 'lost', 'twice', 'worst recovery'];

/** Ends the servers of the run and says what the program survived. */
export default async function crashGlobalTeardown() {
  await stopServers();
  const file = process.env.PLANWRIGHT_TEST_FAULTS;
  if (file === undefined) return;
  if (existsSync(file)) process.stderr.write(`\n${table(readFileSync(file, 'utf8'))}\n`);
  rmSync(path.dirname(file), { recursive: true, force: true });
}

/** Tries of one fault on one backend are one line; tasks are summed, and of the recoveries the longest counts. */
function table(text) {
  const sums = new Map();
  for (const line of text.trim().split('\n')) {
    const { fault, backend, lost, twice, recoveryMs } = JSON.parse(line);
    const key = `${fault}\0${backend}`;
    const sum = sums.get(key) ?? { fault, backend, tried: 0, lost: 0, twice: 0, worst: null };
    sum.tried += 1;
    sum.lost += lost;
    sum.twice += twice;
    if (recoveryMs !== null) sum.worst = Math.max(sum.worst ?? 0, recoveryMs);
    sums.set(key, sum);
  }
  const rows = [...sums.values()].map((sum) =>
    [
      sum.fault,
      sum.backend,
      sum.tried,
      sum.lost,
      sum.twice,
      sum.worst === null ? '-' : `${sum.worst} ms`,
    ].map(String),
  );
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column].length)),
  );
  const format = (row) =>
    row
      .map((cell, column) => pad(cell, widths[column], column))
      .join('  ')
      .trimEnd();
  return [HEAD, ...rows].map(format).join('\n');
}

function pad(cell, width, column) {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}
