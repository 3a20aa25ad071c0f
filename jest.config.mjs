import { swcOptions } from './scripts/swc-options.mjs';

const libs = [
  'domain',
  'contracts',
  'engine',
  'store',
  'queue',
  'git',
  'sandbox',
  'agents',
  'checks',
  'facts',
  'setup',
  'platform',
  'testing',
];

/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/libs', '<rootDir>/apps'],
  testMatch: ['**/*.test.ts'],
  // Suites that kill the real program or need one of others have runs of their own: npm run test:crash, test:claude-code.
  testPathIgnorePatterns: ['/node_modules/', '\\.(crash|adversary|real)\\.test\\.ts$'],
  testEnvironment: 'node',
  transform: {
    '^.+\\.[cm]?[jt]s$': ['@swc/jest', { ...swcOptions, module: { type: 'commonjs' } }],
  },
  // Nest 12 and others ship ES modules only: they are compiled to CommonJS like our own code.
  transformIgnorePatterns: [],
  moduleNameMapper: {
    [`^#(${libs.join('|')})/(.*)\\.js$`]: '<rootDir>/libs/$1/$2',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  globalSetup: '<rootDir>/libs/testing/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/libs/testing/jest-global-teardown.mjs',
  // Most of a test's time is spent waiting for Postgres, git and processes.
  maxWorkers: 2,
  testTimeout: 60_000,
};
