import { setImmediate } from 'node:timers/promises';
import type { SelfCheck } from '#engine/ports/agent-session.port.js';
import { Gates, MOST_JUDGEMENTS, type GateConfig } from './gates.js';

const FAIL: SelfCheck = {
  kind: 'judged',
  verdict: { outcome: 'fail', summary: 'It is red.', items: [], violations: [], blocking: 0 },
};

function gates(check: SelfCheck = FAIL, over: Partial<GateConfig> = {}) {
  const seen = { atOnce: 0, most: 0, judged: 0, asked: [] as string[] };
  const config: GateConfig = {
    session: {
      verify: async () => {
        seen.judged += 1;
        seen.atOnce += 1;
        seen.most = Math.max(seen.most, seen.atOnce);
        await setImmediate();
        seen.atOnce -= 1;
        return check;
      },
      refusalOfWrite: async (path) => {
        seen.asked.push(path);
        return path.startsWith('.github/') ? 'it is protected' : null;
      },
      show: () => undefined,
    },
    cwd: '/work/slot',
    hasReport: () => false,
    signal: new AbortController().signal,
    ...over,
  };
  return { gates: new Gates(config), seen };
}
const STOP = JSON.stringify({ event: 'Stop' });
const write = (path: string) => JSON.stringify({ event: 'PreToolUse', path });

test('whoever asks without end is judged a few times, one at a time', async () => {
  const { gates: asked, seen } = gates();
  for (let round = 0; round < 10; round += 1) await Promise.all([1, 2, 3].map(() => asked.answer(STOP)));
  expect(seen).toMatchObject({ judged: MOST_JUDGEMENTS, most: 1 });
});

test('only what is red is sent back, and nothing is judged where a report was left', async () => {
  for (const outcome of ['pass', 'satisfied', 'inconclusive'] as const) {
    const verdict = { outcome, summary: '', items: [], violations: [], blocking: 0 };
    expect(await gates({ kind: 'judged', verdict }).gates.answer(STOP)).toBe('');
  }
  expect(await gates({ kind: 'unchanged' }).gates.answer(STOP)).toBe('');
  expect(JSON.parse(await gates().gates.answer(STOP))).toMatchObject({
    decision: 'block',
    reason: expect.stringContaining('It is red.'),
  });
  const { gates: reported, seen } = gates(FAIL, { hasReport: () => true });
  expect(await reported.answer(STOP)).toBe('');
  expect(seen.judged).toBe(0);
});

test('paths of the workspace are asked for as those of the repository, others not at all', async () => {
  const { gates: asked, seen } = gates();
  for (const path of ['/work/slot/src/a.ts', 'src/../b.ts', '/work/slots/x', '../x', '/tmp/x', '/work/slot'])
    expect(await asked.answer(write(path))).toBe('');
  expect(seen.asked).toEqual(['src/a.ts', 'b.ts']);
  expect(JSON.parse(await asked.answer(write('x/../.github/ci.yml')))).toMatchObject({
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: 'deny',
      permissionDecisionReason: expect.stringMatching(/^\.github\/ci\.yml: it is protected\./),
    },
  });
});

test.each([
  '',
  '{',
  'null',
  '[]',
  '{"event":"Other"}',
  '{"event":"PreToolUse"}',
  '{"event":"PreToolUse","path":1}',
])('what is no event is not answered: %s', async (text) => {
  const { gates: asked, seen } = gates();
  expect(await asked.answer(text)).toBe('');
  expect(seen).toMatchObject({ judged: 0, asked: [] });
});
