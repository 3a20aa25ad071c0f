import { Fenced } from '#engine/fenced.js';
import type { StoredMessage } from '#engine/ports/session-store.port.js';
import { StoreHarness } from '#testing/engine-harness.js';
import { StoreScenes } from '#testing/store-scenes.js';

const USAGE = { inputTokens: 1, outputTokens: 2, cacheWriteTokens: 3, cacheReadTokens: 4 };
const says = (text: string): StoredMessage => ({ role: 'user', content: [{ type: 'text', text }] });

let harness: StoreHarness;
let planId: string;
let place: { attemptId: string; token: number };

beforeAll(async () => {
  harness = await StoreHarness.open();
});
afterAll(() => harness.close());
beforeEach(async () => {
  const scenes = new StoreScenes(harness);
  planId = await scenes.running([{ tasks: [{ key: 'a' }] }]);
  const { id: attemptId, token } = await scenes.claimed(planId);
  place = { attemptId, token };
});

const sessions = () => harness.store.sessions;
const messages = (attemptId = place.attemptId) =>
  harness.db.attemptMessage.findMany({ where: { attemptId }, orderBy: { seq: 'asc' } });
const shown = () =>
  harness.db.attemptOutput.findMany({ where: { attemptId: place.attemptId }, orderBy: { seq: 'asc' } });

it('a transcript grows in order, with what answers cost', async () => {
  await sessions().append(place, says('task'), null);
  await sessions().append(place, { role: 'assistant', content: [] }, USAGE);
  await sessions().append(place, says('a\0b'), null);
  expect(await messages()).toMatchObject([
    { seq: 1, role: 'user', usage: null },
    { seq: 2, role: 'assistant', usage: USAGE },
    { seq: 3, content: [{ text: expect.not.stringContaining('\0') }] },
  ]);
});

it('whoever lost the attempt writes nothing, and is told so', async () => {
  const stale = { ...place, token: place.token - 1 };
  await expect(sessions().append(stale, says('late'), null)).rejects.toBeInstanceOf(Fenced);
  await expect(sessions().goOn(stale, place.attemptId)).rejects.toBeInstanceOf(Fenced);
  await sessions().addOutput(stale, 'late');
  await harness.db.taskAttempt.update({ where: { id: place.attemptId }, data: { status: 'cancelled' } });
  await expect(sessions().append(place, says('late'), null)).rejects.toBeInstanceOf(Fenced);
  expect([await messages(), await shown()]).toEqual([[], []]);
});

it('a transcript that is too long says once that it was cut, and is not gone on with', async () => {
  const large = says('x'.repeat(3 * 2 ** 20));
  for (let count = 0; count < 6; count += 1) await sessions().append(place, large, null);
  expect((await messages()).map(({ role }) => role)).toEqual(['user', 'user', 'user', 'note']);
});

it('output is bounded, and says once that it was cut', async () => {
  for (let count = 0; count < 5; count += 1) await sessions().addOutput(place, 'x'.repeat(600_000));
  const rows = await shown();
  expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(rows[2]?.text).toContain('was not kept');
});

it('an attempt after one that left a transcript is told of it, with its question and what it left', async () => {
  await sessions().append(place, says('task'), null);
  const { attemptId } = place;
  const own = await harness.db.taskAttempt.findUniqueOrThrow({ where: { id: attemptId } });
  await harness.db.taskAttempt.update({
    where: { id: attemptId },
    data: { status: 'errored', failure: 'agent_failed' },
  });
  await harness.db.taskQuestion.create({
    data: { id: own.planId, planId, taskId: own.taskId, attemptId, question: 'Which?', answer: 'That.' },
  });
  const next = await harness.db.taskAttempt.create({
    data: {
      id: own.taskId,
      planId,
      taskId: own.taskId,
      number: 2,
      status: 'running',
      epoch: own.epoch,
      token: 1,
    },
  });
  expect(await sessions().context(next.id)).toMatchObject({
    failedBefore: 1,
    session: { attemptId, number: 1, answer: 'That.', wasReturned: false, leftCommit: null, isWhole: true },
  });
  const copied = await sessions().goOn({ attemptId: next.id, token: 1 }, attemptId);
  expect(copied).toEqual([says('task')]);
  expect(await messages(next.id)).toHaveLength(1);
  expect(await messages()).toHaveLength(1);
});
