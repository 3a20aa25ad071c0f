import { handedContext, MAX_CONTEXT } from './handed-context.js';

/** As long as a context can be, with this key. */
const whole = (key: string) => ({ [key]: 'x'.repeat(MAX_CONTEXT - JSON.stringify({ [key]: '' }).length) });

it('carries on what is known, with what is new in it', () => {
  expect(handedContext('w4', { a: 1, b: 1 }, { b: 2 })).toEqual({ a: 1, b: 2 });
  expect(handedContext('w4', whole('a'), {})).toEqual(whole('a'));
});

it('does not grow from one to the next beyond what a request may say', () => {
  expect(() => handedContext('w4', whole('a'), { b: 1 })).toThrow(
    expect.objectContaining({
      code: 'invalid',
      message: expect.stringContaining(
        `the context of w4 would have ${MAX_CONTEXT + 6} characters`,
      ) as unknown,
      remedy: expect.stringContaining('planwright assignments w4 --json') as unknown,
      problems: [{ path: 'context', message: expect.stringContaining(`${MAX_CONTEXT}`) as unknown }],
    }),
  );
});

it('what is carried on makes room by another value', () => {
  expect(handedContext('w4', whole('a'), { a: null, b: 1 })).toEqual({ a: null, b: 1 });
});
