import { fitPieces } from './fit.js';
import type { Piece } from './piece.js';

const piece = (rank: number, size: number, section: Piece['section'] = 'files'): Piece => ({
  section,
  rank,
  text: `${rank}:${'x'.repeat(size - String(rank).length - 1)}`,
});
/** A provider that counts otherwise than anybody would guess. */
const perCharacter = (factor: number) => (text: string) => Promise.resolve(Math.ceil(text.length * factor));

it('takes everything where there is room, in the order of the sections', async () => {
  const map = await fitPieces([piece(2, 20, 'files'), piece(1, 20, 'readme')], 1_000, perCharacter(0.3));
  expect(map.left).toBe(0);
  expect(map.text.indexOf('# readme')).toBeLessThan(map.text.indexOf('# files'));
});

it.each([0.1, 0.3, 0.9, 2])(
  'never exceeds its budget, and uses most of it, at %d tokens a character',
  async (factor) => {
    const pieces = Array.from({ length: 400 }, (_, at) => piece(at, 100));
    const map = await fitPieces(pieces, 2_000, perCharacter(factor));
    expect(map.tokens).toBeLessThanOrEqual(2_000);
    expect(map.tokens).toBe(Math.ceil(map.text.length * factor));
    expect(map.tokens).toBeGreaterThan(1_400);
  },
);

it('leaves out what is worth least', async () => {
  const map = await fitPieces([piece(90, 300), piece(1, 300), piece(50, 300)], 200, perCharacter(0.3));
  expect(map.text).toContain('1:x');
  expect(map.text).not.toContain('90:x');
  expect(map.left).toBeGreaterThan(0);
});

it('is empty where not even the first piece fits', async () => {
  expect(await fitPieces([piece(1, 5_000)], 10, perCharacter(1))).toEqual({ text: '', tokens: 0, left: 1 });
});
