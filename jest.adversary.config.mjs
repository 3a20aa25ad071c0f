import base from './jest.config.mjs';

/** Agents that cheat, and honest ones, on the real program. They share one stack; at the end there is a table. */
export default {
  ...base,
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['**/*.adversary.test.ts'],
  globalSetup: undefined,
  globalTeardown: undefined,
  maxWorkers: 1,
};
