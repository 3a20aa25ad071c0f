import { readFileSync } from 'node:fs';
import { CHEATS } from './cheats.js';
import { HONEST } from './honest.js';

/** Rows of the table below a heading of the page. */
function rowsBelow(heading: string): string[][] {
  const page = readFileSync('docs/adversary.md', 'utf8');
  const section = page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

test('the page lists every cheat with what catches it, and all honest work', () => {
  expect(rowsBelow('Cheats')).toEqual(CHEATS.map(({ name, caughtBy }) => [name, caughtBy]));
  expect(rowsBelow('Honest work')).toEqual(HONEST.map(({ name, ends = 'completed' }) => [name, ends]));
});

test('every scene has a name of its own', () => {
  const names = [...CHEATS, ...HONEST].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
