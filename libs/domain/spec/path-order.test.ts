import fc from 'fast-check';
import { comparePaths } from './path-order.js';

test('paths are ordered as their bytes are', () => {
  const path = fc.string({ unit: 'binary', maxLength: 6 });
  const near = fc.string({ unit: fc.constantFrom('a', '/', '.', '\ud7ff', '\ue000', '\uffff', '😀') });
  fc.assert(
    fc.property(fc.oneof(path, near), fc.oneof(path, near), (a, b) => {
      expect(Math.sign(comparePaths(a, b))).toBe(Buffer.from(a).compare(Buffer.from(b)));
    }),
  );
});
