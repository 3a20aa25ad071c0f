/** How the model works on each task: its answers, turn by turn. Everything between them is done by the tools. */
import { readFileSync } from 'node:fs';

const file = (name) => readFileSync(new URL(`files/${name}`, import.meta.url), 'utf8');
const use = (name, input = {}) => ({ name, input });
const says = (text, ...tools) => ({ text, tools });

const TESTS = use('run_command', { command: 'npm test --silent' });
const COUNTER = 'src/auth/sign-in-attempts.ts';
const SESSIONS = 'src/handlers/sessions.ts';
const CLIENT = 'src/client/harbour-client.ts';

/** It believes its tests, and does not ask the verifier. */
const countFailures = [
  says(
    'I look at how the other modules of src/auth are written.',
    use('list_files', { glob: 'src/auth/**' }),
    use('read_file', { path: 'src/auth/legacy-auth.ts' }),
  ),
  says('', use('write_file', { path: COUNTER, content: file('first-try/sign-in-attempts.ts') })),
  says('Nothing else may break by it.', TESTS),
  says('', use('finish', { summary: `${COUNTER} counts wrong keys by name; the tests pass.` })),
];

const countFailuresAgain = [
  says(
    'The verifier found two places that read the clock. I write the module again, with the time as a parameter.',
    use('write_file', { path: COUNTER, content: file('final/sign-in-attempts.ts') }),
  ),
  says('', use('verify')),
  says(
    '',
    use('finish', {
      summary: `${COUNTER} has countFailure(name, now), forgetFailures(name) and secondsLocked(name, now); times are milliseconds that are passed in.`,
    }),
  ),
];

const refuseLocked = [
  says('', use('read_file', { path: SESSIONS }), use('read_file', { path: COUNTER })),
  says(
    'The counter takes the time: I read the clock once, here.',
    use('edit_file', {
      path: SESSIONS,
      old: `import { httpError, readJson } from '../http/exchange.ts';\n`,
      new: `import { countFailure, forgetFailures, secondsLocked } from '../auth/sign-in-attempts.ts';\nimport { httpError, readJson } from '../http/exchange.ts';\n`,
    }),
    use('edit_file', {
      path: SESSIONS,
      old: `  const { name, accessKey } = await readJson(req);\n`,
      new: `  const { name, accessKey } = await readJson(req);
  const now = Date.now();
  const seconds = secondsLocked(String(name), now);
  if (seconds > 0) return tooManyAttempts(seconds);

`,
    }),
    use('edit_file', {
      path: SESSIONS,
      old: `  if (user === undefined) throw httpError(401, 'The name or the access key is wrong.');\n`,
      new: `  if (user === undefined) {
    countFailure(String(name), now);
    throw httpError(401, 'The name or the access key is wrong.');
  }
  forgetFailures(user.name);
`,
    }),
    use('edit_file', {
      path: SESSIONS,
      old: `    body: { user: user.name },\n  };\n}\n`,
      new: `    body: { user: user.name },
  };
}

function tooManyAttempts(seconds: number): Reply {
  return {
    status: 429,
    headers: { 'retry-after': String(seconds) },
    body: { error: 'Too many wrong access keys. Wait before you try again.' },
  };
}
`,
    }),
  ),
  says('', TESTS, use('verify')),
  says('', use('finish', { summary: 'POST /sessions answers 429 with Retry-After while a name is locked.' })),
];

const clientWaits = [
  says('', use('search', { pattern: 'Harbour refused', glob: 'src/**' }), use('read_file', { path: CLIENT })),
  says(
    '',
    use('edit_file', {
      path: CLIENT,
      old: `  if (!reply.ok) throw new Error(`,
      new: `  const retryAfter = reply.headers.get('retry-after');
  if (reply.status === 429) throw new Error(\`Too many sign-ins failed. Try again in \${retryAfter} s.\`);
  if (!reply.ok) throw new Error(`,
    }),
    use('verify'),
  ),
  says('', use('finish', { summary: 'The client turns 429 into an error that says how long to wait.' })),
];

const guide = [
  says('', use('list_files', { glob: 'docs/**' }), use('read_file', { path: 'docs/Signing in.md' })),
  says(
    '',
    use('write_file', { path: 'docs/locked-out.md', content: file('final/locked-out.md') }),
    use('verify'),
  ),
  says('', use('finish', { summary: 'docs/locked-out.md tells what locks a name, and for how long.' })),
];

const testLimit = [
  says('', use('read_file', { path: 'test/sessions.test.ts' }), use('read_file', { path: COUNTER })),
  says(
    'Counts are kept by name for the whole process, so I try names that nobody has.',
    use('write_file', { path: 'test/sign-in-limit.test.ts', content: file('final/sign-in-limit.test.ts') }),
    TESTS,
  ),
  says('', use('verify')),
  says('', use('finish', { summary: 'Counter, service and client are tested; all tests pass.' })),
];

const task = (title, turns) => ({
  when: { system: 'carries out one task', first: `of the plan "Limit sign-in attempts": ${title}` },
  turns,
});

/** The first rule that is met answers: what was rejected before is asked for first. */
export const work = [
  {
    when: {
      system: 'carries out one task',
      first: ', medium: Date.now must not occur',
    },
    turns: countFailuresAgain,
  },
  task('Count wrong access keys', countFailures),
  task('Refuse names that are locked', refuseLocked),
  task('Say in the client how long to wait', clientWaits),
  task('Write what locked people out', guide),
  task('Test the limit', testLimit),
];
