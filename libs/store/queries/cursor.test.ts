import fc from 'fast-check';
import { decodeCursor, encodeCursor } from './cursor.js';

it('gives back what was put in, for the same list only', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~]{1,80}$/), (position) => {
      const cursor = encodeCursor('plans', position);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,200}$/);
      expect(decodeCursor('plans', cursor, /^[ -~]+$/)).toBe(position);
      expect(() => decodeCursor('repositories', cursor, /^[ -~]+$/)).toThrow('none that this list gave');
    }),
  );
});

it('refuses what was invented or changed', () => {
  const real = encodeCursor('plans', '12');
  const invented = [Buffer.from('plan:12').toString('base64url'), Buffer.from('12').toString('base64url')];
  for (const cursor of [...invented, `${real}A`, `${real}=`, real.slice(1), '']) {
    expect(() => decodeCursor('plans', cursor, /^[ -~]+$/)).toThrow('none that this list gave');
  }
  expect(() => decodeCursor('plans', encodeCursor('plans', 'x'), /^\d+$/)).toThrow(
    'none that this list gave',
  );
});
