import tseslint from 'typescript-eslint';

/** Law 8: clock, ids and environment are ports. The edges that provide them are the platform and the programs. */
const ports = [
  { object: 'Date', property: 'now', message: 'Take the time from the database or from the Clock port.' },
  { object: 'Math', property: 'random', message: 'Take randomness from the Ids port.' },
  { object: 'crypto', property: 'randomUUID', message: 'Take ids from the Ids port.' },
  { object: 'process', property: 'env', message: 'Take settings from the platform: readConfig().' },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'libs/store/generated/', '.planwright/', 'examples/'] },
  ...tseslint.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipComments: true, skipBlankLines: true }],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: 'node:crypto', importNames: ['randomUUID'], message: 'Take ids from the Ids port.' },
          ],
        },
      ],
      'no-restricted-properties': ['error', ...ports],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'start' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      eqeqeq: 'error',
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: [
      'libs/platform/**',
      'libs/testing/**',
      'apps/cli/**',
      'scripts/**',
      'bench/**',
      '**/*.test.ts',
      'prisma.config.ts',
    ],
    rules: { 'no-restricted-properties': 'off', 'no-restricted-imports': 'off' },
  },
  {
    // A suite is one describe block; its tests are the functions.
    files: ['**/*.test.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs' },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
