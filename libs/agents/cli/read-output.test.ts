import fc from 'fast-check';
import { AGENT_NAMES } from '#contracts/agents/agent-cli.js';
import { AGENT_CLIS } from '#contracts/agents/table.js';
import { checkTable } from './check-table.js';
import { resetTime } from './quota.js';
import { readOutput } from './read-output.js';

const NOW = new Date('2026-11-21T12:00:00Z');
const { claude, codex, cursor, goose } = AGENT_CLIS;

test('the table as it is contradicts itself nowhere', () => {
  expect(() => checkTable(AGENT_CLIS)).not.toThrow();
});

test.each([
  [
    'a place that is missing',
    { ...codex, model: { args: ['--model'], example: 'm' } },
    /codex: model has no \{model\}/,
  ],
  ['a place that means nothing', { ...codex, args: ['{model}'] }, /codex: args has \{model\}/],
  ['a pattern that is none', { ...codex, quota: [{ pattern: '(' }] }, /codex: quota: /],
  ['a host that is none', { ...codex, hosts: ['https://x'] }, /codex: https:\/\/x is no host/],
  ['a file outside', { ...codex, logins: ['../auth.json'] }, /leads out of its folder/],
  ['another name', claude, /claude: is listed as codex/],
])('a table is refused for %s', (_, entry, problem) => {
  expect(() => checkTable({ codex: entry })).toThrow(problem);
});

test('whatever an agent prints, it is read without a fault', () => {
  const line = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .record({
        type: fc.constantFrom('result', 'turn.completed', 'error', 'complete'),
        usage: fc.jsonValue(),
      })
      .map((event) => JSON.stringify(event)),
  );
  fc.assert(
    fc.property(fc.constantFrom(...AGENT_NAMES), fc.array(line), (name, lines) => {
      const { usage } = readOutput(AGENT_CLIS[name].output, lines.join('\n'));
      for (const value of Object.values(usage))
        expect(value === null || typeof value === 'string' || Number.isFinite(value)).toBe(true);
    }),
  );
});

test('a value after other lines is found, and a list of events is read as its events', () => {
  const result = { type: 'result', is_error: false, result: 'Done.' };
  for (const text of [
    `warning: old\n${JSON.stringify(result, null, 2)}\n`,
    JSON.stringify([{ type: 'system' }, result]),
  ])
    expect(readOutput(cursor.output, text)).toMatchObject({ message: 'Done.', ended: true, failure: null });
});

test('an error that a run got over is no failure; one after its end is', () => {
  const error = '{"type":"error","error":"stream broke"}\n';
  const end = '{"type":"complete","total_tokens":1}\n';
  expect(readOutput(goose.output, error + end)).toMatchObject({ failure: null, ended: true });
  expect(readOutput(goose.output, end + error)).toMatchObject({ failure: 'stream broke' });
  expect(readOutput(goose.output, error)).toMatchObject({ failure: 'stream broke', ended: false });
});

test('an answer that is an error of the interface is a failure, though the event says success', () => {
  const result = (text: string) => JSON.stringify({ type: 'result', is_error: false, result: text });
  const { output } = AGENT_CLIS.qwen;
  expect(readOutput(output, result('[API Error: 404 status code]')).failure).toMatch(/404/);
  expect(readOutput(output, result('It handles an [API Error: now.')).failure).toBeNull();
});

describe('when a quota is there again', () => {
  test.each([
    ['1795262400', '2026-11-21T12:00:00.000Z'],
    ['2026-11-22T08:00:00+01:00', '2026-11-22T07:00:00.000Z'],
    ['2 days 3 hours', '2026-11-23T15:00:00.000Z'],
    ['90s', '2026-11-21T12:01:30.000Z'],
    ['3pm (UTC)', '2026-11-21T15:00:00.000Z'],
    ['11:30 AM (UTC)', '2026-11-22T11:30:00.000Z'],
    ['12am (America/Los_Angeles)', '2026-11-22T08:00:00.000Z'],
    ['Nov 24, 9am (Asia/Kolkata)', '2026-11-24T03:30:00.000Z'],
  ])('%s', (text, expected) => {
    expect(resetTime(text, NOW)?.toISOString()).toBe(expected);
  });

  test.each(['soon', '', '1895262400', 'Nov 2nd, 2026 3pm (UTC)', '99:99', '2099-01-01T00:00:00Z'])(
    '%j is no time to wait for',
    (text) => {
      expect(resetTime(text, NOW)).toBeNull();
    },
  );
});
