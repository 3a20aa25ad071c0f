import { delivered, gives, overloaded, rateLimited, says } from './answer.js';
import type { Script } from './script.js';

/** Scripts that need no file, by name. */
export const SCENARIOS: Readonly<Record<string, Script>> = {
  /** Says what it was asked. */
  echo: ({ last }) => says(`You said: ${last}`),
  /** An empty object, as structured output. */
  'empty-object': () => gives({}),
  /** Never has capacity. */
  overloaded: () => overloaded(),
  /** Asks for a minute of patience, always. */
  'rate-limited': () => rateLimited(60),
  /** Breaks every other answer off. */
  flaky: ({ last }, nth) =>
    nth % 2 === 0 ? delivered(says(last), { end: 'drop' }) : says(`You said: ${last}`),
  /** Begins and never ends. */
  stalled: () => delivered(says('So'), { end: 'stall' }),
};
