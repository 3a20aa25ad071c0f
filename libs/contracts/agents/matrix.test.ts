import { readFileSync } from 'node:fs';
import { AGENT_NAMES } from './agent-cli.js';
import { agentMatrix } from './matrix.js';

/** Cells, whatever width they are padded to. */
const cells = (text: string) => text.replace(/[ -]+/g, ' ').replace(/\n+/g, '\n').trim();

test('docs/agents.md has the tables of the program; if it has not: node scripts/agents-matrix.mjs write', () => {
  const page = readFileSync('docs/agents.md', 'utf8');
  const [, shown] = /<!-- agents:begin -->([^]*)<!-- agents:end -->/.exec(page) ?? [];
  expect(cells(shown ?? '')).toBe(cells(agentMatrix()));
});

test('every agent is in each table', () => {
  for (const name of AGENT_NAMES) expect(agentMatrix().split(`\n| \`${name}\` |`)).toHaveLength(4);
});
