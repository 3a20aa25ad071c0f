/** What the model answers with when it plans, and what it writes anew when it is told that a spec proves nothing. */

const counterSpec = `spec: 1
name: Wrong keys are counted
rules:
  - id: counter
    scope: { include: [src/auth/sign-in-attempts.ts] }
    require: { identifiers: [countFailure, forgetFailures, secondsLocked] }
`;

const limitSpec = `spec: 1
name: A locked name is refused
rules:
  - id: locked-is-asked
    scope: { include: [src/handlers/sessions.ts] }
    require: { identifiers: [countFailure, forgetFailures, secondsLocked] }
`;

const clientSpec = `spec: 1
name: The client says how long to wait
rules:
  - id: retry-after
    scope: { include: [src/client/**] }
    require: { identifiers: [retryAfter] }
`;

const testsSpec = `spec: 1
name: The limit is tested
rules:
  - id: tests
    require: { files: [test/sign-in-limit.test.ts] }
checks:
  - id: all-tests
    run: npm test --silent
    timeout: 60s
`;

/** True of the repository before anything is done: the page on signing in is there already. */
const emptyGuideSpec = `spec: 1
name: There is a page for people
rules:
  - id: page
    require: { files: ['docs/*.md'] }
`;

const guideSpec = emptyGuideSpec.replace(`'docs/*.md'`, 'docs/locked-out.md');

const task = (key, title, prompt, more) => ({
  key,
  title,
  prompt,
  dependsOn: [],
  writes: [],
  mayChange: [],
  needs: ['typescript'],
  ...more,
});

export const plan = {
  phases: [
    {
      name: 'Count',
      description: 'Wrong keys are counted. Nobody is refused yet.',
      mode: 'sequential',
      successCriteria: ['It can be asked how long a name is locked.'],
      tasks: [
        task(
          'count-failures',
          'Count wrong access keys',
          'Add src/auth/sign-in-attempts.ts: `countFailure`, `forgetFailures` and `secondsLocked`, each for a name. Five wrong keys in a row lock a name for a minute. Keep the counts in memory.',
          { writes: ['src/auth/sign-in-attempts.ts'], spec: counterSpec },
        ),
      ],
    },
    {
      name: 'Refuse',
      description: 'The service, its client and its documents, side by side.',
      mode: 'parallel',
      successCriteria: ['The sixth try is answered with 429.'],
      tasks: [
        task(
          'refuse-locked',
          'Refuse names that are locked',
          'In src/handlers/sessions.ts, answer 429 while a name is locked, count wrong keys, and forget them after a sign-in. Use src/auth/sign-in-attempts.ts.',
          { dependsOn: ['count-failures'], writes: ['src/handlers/sessions.ts'], spec: limitSpec },
        ),
        task(
          'client-waits',
          'Say in the client how long to wait',
          'In src/client/harbour-client.ts, turn 429 into an error that says: Try again in N s. N is the header `Retry-After`.',
          { writes: ['src/client/**'], spec: clientSpec },
        ),
        task(
          'guide',
          'Write what locked people out',
          'Write a page in docs/ for people who cannot sign in: why, for how long, and what the service answers.',
          { writes: ['docs/**'], needs: ['writing'], spec: emptyGuideSpec },
        ),
      ],
    },
    {
      name: 'Prove',
      description: '',
      mode: 'sequential',
      successCriteria: ['All tests pass.'],
      tasks: [
        task(
          'test-limit',
          'Test the limit',
          'Add test/sign-in-limit.test.ts: the counter, the service and the client. Names of real people must not stay locked for the tests after it.',
          {
            dependsOn: ['refuse-locked', 'client-waits'],
            writes: ['test/sign-in-limit.test.ts'],
            spec: testsSpec,
          },
        ),
      ],
    },
  ],
};

export const mendedSpecs = { specs: [{ key: 'guide', spec: guideSpec }] };

const stays = { title: null, prompt: null, dependsOn: null, writes: null, spec: null };

/** What the model answers with when it reviews that plan. The demo takes the first two. */
export const review = {
  suggestions: [
    {
      ...stays,
      operation: 'update_task',
      task: 'count-failures',
      prompt:
        'Add src/auth/sign-in-attempts.ts: `countFailure(name, now)`, `forgetFailures(name)` and `secondsLocked(name, now)`. Five wrong keys in a row lock a name for a minute. Keep the counts in memory. Times are passed in, in milliseconds.',
      spec: `${counterSpec}  - id: no-clock
    description: Who calls says what time it is.
    scope: { include: [src/auth/sign-in-attempts.ts] }
    forbid: { expressions: [Date.now] }
`,
      reason: 'A counter that reads the clock by itself can only be tested by waiting for a minute.',
    },
    {
      ...stays,
      operation: 'update_task',
      task: 'refuse-locked',
      prompt:
        'In src/handlers/sessions.ts, answer 429 while a name is locked, with `Retry-After` in whole seconds; count wrong keys, and forget them after a sign-in. Use src/auth/sign-in-attempts.ts. All tests have to pass.',
      spec: `${limitSpec}checks:
  - id: all-tests
    run: npm test --silent
    timeout: 60s
`,
      reason:
        'The request asks for Retry-After, and every test signs in: they tell at once when that breaks.',
    },
    {
      operation: 'update_phase',
      phase: 3,
      name: 'Test',
      description: null,
      mode: null,
      successCriteria: null,
      reason: 'The phase holds a test and nothing else.',
    },
  ],
};
