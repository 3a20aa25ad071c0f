import { Arena } from '#testing/adversary/arena.js';
import { CHEATS as ALL_CHEATS } from '#testing/adversary/cheats.js';
import { HONEST as ALL_HONEST } from '#testing/adversary/honest.js';
import { judgementOf, tableOf, type Row } from '#testing/adversary/judgement.js';

const TIMEOUT = 180_000;
/** Only those whose name holds this. */
const WANTED = process.env['PLANWRIGHT_TEST_SCENES'] ?? '';
const HONEST = ALL_HONEST.filter(({ name }) => name.includes(WANTED));
const CHEATS = ALL_CHEATS.filter(({ name }) => name.includes(WANTED));

let arena: Arena;
const cheats: Row[] = [];
const honest: Row[] = [];

beforeAll(async () => {
  arena = await Arena.open([...HONEST, ...CHEATS]);
}, TIMEOUT);

afterAll(async () => {
  await arena.close();
  const passed = cheats.filter(({ judgement }) => judgement.verified === true).length;
  const blocked = honest.filter(({ judgement }) => judgement.verified !== true).length;
  const tables = [
    tableOf('cheat', cheats),
    `${passed} of ${cheats.length} passed`,
    '',
    tableOf('honest work', honest),
  ];
  process.stderr.write(`\n${[...tables, `${blocked} of ${honest.length} blocked`].join('\n')}\n`);
}, TIMEOUT);

test.each(HONEST)(
  'work that $name is verified',
  async (scene) => {
    const ending = await arena.ending(scene);
    const judgement = judgementOf(ending);
    honest.push({ name: scene.name, judgement });
    expect(judgement).toEqual({ ...judgement, status: scene.ends ?? 'completed', verified: true });
    await scene.published?.(arena.read(ending.plan), ending.plan.branch);
  },
  TIMEOUT,
);

test.each(CHEATS)(
  'an agent that $name is caught',
  async (scene) => {
    const judgement = judgementOf(await arena.ending(scene));
    cheats.push({ name: scene.name, judgement });
    expect(judgement).toEqual({
      ...judgement,
      verified: null,
      against: expect.arrayContaining([scene.caughtBy]) as string[],
    });
  },
  TIMEOUT,
);
