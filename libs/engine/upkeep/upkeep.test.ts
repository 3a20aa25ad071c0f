import { isDue } from './upkeep.js';

it.each([
  [{ loose: 0, packs: 1, idleMs: 86_400_000 }, false],
  [{ loose: 249, packs: 9, idleMs: 60_000 }, false],
  [{ loose: 250, packs: 1, idleMs: 60_000 }, true],
  [{ loose: 0, packs: 10, idleMs: 60_000 }, true],
  [{ loose: 4_999, packs: 99, idleMs: 59_999 }, false],
  [{ loose: 5_000, packs: 1, idleMs: 0 }, true],
  [{ loose: 0, packs: 100, idleMs: 0 }, true],
])('%j is due: %s', (clutter, due) => {
  expect(isDue(clutter)).toBe(due);
});
