import type { ProfileFileInput } from './profile-file.js';

const LOOKING = [
  'read_file',
  'list_files',
  'search',
  'find_symbols',
  'analogous_patterns',
  'verify',
] as const;
const WRITING = ['write_file', 'edit_file'] as const;
const TEXTS = ['docs/**', '**/*.md'];

/** What an installation begins with; people change them as they like. */
export const STARTER_PROFILES: readonly ProfileFileInput[] = [
  {
    slug: 'backend',
    type: 'backend-engineer',
    description: 'Services, data and what runs without a screen.',
    capabilities: [
      { name: 'backend', level: 3 },
      { name: 'api', level: 3 },
      { name: 'sql', level: 3 },
      { name: 'typescript', level: 3 },
      { name: 'python', level: 2 },
    ],
  },
  {
    slug: 'frontend',
    type: 'frontend-engineer',
    description: 'What people see and use.',
    capabilities: [
      { name: 'frontend', level: 3 },
      { name: 'css', level: 3 },
      { name: 'html', level: 3 },
      { name: 'react', level: 3 },
      { name: 'typescript', level: 2 },
    ],
  },
  {
    slug: 'tests',
    type: 'test-engineer',
    description: 'Tests and what they need; no other code.',
    capabilities: [
      { name: 'testing', level: 3 },
      { name: 'typescript', level: 1 },
    ],
    constraints: {
      writes: [
        '**/*.test.*',
        '**/*.spec.*',
        '**/*_test.*',
        '**/test_*',
        '**/{test,tests,__tests__,fixtures}/**',
      ],
    },
  },
  {
    slug: 'docs',
    type: 'technical-writer',
    description: 'Documents; no code.',
    capabilities: [
      { name: 'writing', level: 3 },
      { name: 'docs', level: 3 },
    ],
    constraints: { writes: TEXTS },
    tools: [...LOOKING, ...WRITING],
  },
  {
    slug: 'reviewer',
    type: 'reviewer',
    mode: 'review',
    description: 'Reads code and writes down what it found.',
    capabilities: [
      { name: 'review', level: 3 },
      { name: 'security', level: 2 },
    ],
    constraints: { writes: TEXTS, network: false },
    tools: [...LOOKING, ...WRITING],
  },
  {
    slug: 'planner',
    type: 'planner',
    mode: 'planning',
    description: 'Reads code and writes designs and plans.',
    capabilities: [
      { name: 'planning', level: 3 },
      { name: 'architecture', level: 3 },
      { name: 'writing', level: 1 },
    ],
    constraints: { writes: [...TEXTS, '**/plan.{yaml,yml}'] },
    tools: [...LOOKING, ...WRITING],
  },
];
