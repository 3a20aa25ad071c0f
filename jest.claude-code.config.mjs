import base from './jest.config.mjs';

/** The real Claude Code, installed for the run, on a model by script. */
export default {
  ...base,
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['**/*.real.test.ts'],
  globalSetup: '<rootDir>/libs/testing/jest-claude-code-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/jest-claude-code-teardown.mjs',
  maxWorkers: 1,
  testTimeout: 180_000,
};
