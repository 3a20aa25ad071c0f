import base from './jest.config.mjs';

/** Suites that break the real program; most bring their own stack. At the end they say what it survived. */
export default {
  ...base,
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: ['**/*.crash.test.ts'],
  globalSetup: '<rootDir>/libs/testing/crash-global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/crash-global-teardown.mjs',
  maxWorkers: 1,
};
