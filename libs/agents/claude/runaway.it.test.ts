import { ClaudeWorkshop } from '#testing/claude-workshop.js';
import { uses, type Answer } from '#testing/messages-api/answer.js';
import type { ApiRequest } from '#testing/messages-api/request.js';

/** Agents that would never end by themselves, one after the other, on one worker. */

/** The kernel's bound on a file is the sandbox's on the disk: nothing near what is asked for is ever written. */
const DISK = 20_000_000;
const PROCESSES = 40;
/** It doubles as a fork bomb does, and stops at 63 processes whatever holds it. */
const FORK_BOMB = 'f() { if [ $1 -gt 0 ]; then f $(($1-1)) & f $(($1-1)) & fi; sleep 30; wait; }; f 5';

const runs = (command: string): Answer => uses('run_command', { command });
const looks = uses('read_file', { path: 'a.txt' });
const finishes = uses('finish', { summary: 'Done.' });

interface Runaway {
  readonly title: string;
  readonly does: Answer;
  readonly claude: object;
  /** What its first attempt ends with; null: nothing is wrong with what it leaves behind. */
  readonly attempt: string | null;
  /** What the model is told of its command; null: it is the session that is stopped. */
  readonly told: RegExp | null;
}

const command = (title: string, line: string, told: RegExp, attempt: string | null = null): Runaway => ({
  title,
  does: runs(line),
  claude: {},
  attempt,
  told,
});
const session = (title: string, does: Answer, claude: object, attempt: string): Runaway => ({
  title,
  does,
  claude,
  attempt,
  told: null,
});

const RUNAWAYS: readonly Runaway[] = [
  command('Talk without end', 'yes', /wrote more than 4194304 bytes/),
  command('Multiply', FORK_BOMB, new RegExp(`processes; the limit is ${PROCESSES} processes`)),
  command(
    'Fill the disk',
    'head -c 10G /dev/zero > big',
    /written to disk; the limit is 19\.1 MiB/,
    'Red on the candidate: huge-file.',
  ),
  session('Take turns for ever', looks, { turns: 3 }, 'it reached its limit of 3 turns'),
  session('Sleep', runs('sleep infinity'), { timeout: '2s' }, 'it reached its limit of time: 2 s'),
];

let shop: ClaudeWorkshop;

beforeEach(async () => {
  shop = await ClaudeWorkshop.open({
    files: { 'a.txt': 'a\n' },
    sandbox: { limits: { processes: PROCESSES, diskBytes: DISK } },
  });
});
afterEach(() => shop.close());

/** The first line of a task's first message names it. */
const isAbout = (title: string, first: string) => first.split('\n')[0]?.endsWith(`: ${title}`) === true;

/** Runs away in the first attempt at each task, as long as it is let; behaves in the next. */
function script(): (request: ApiRequest) => Answer {
  const attempts = new Map<string, number>();
  return ({ first, last, turn }) => {
    const runaway = RUNAWAYS.find(({ title }) => isAbout(title, first));
    if (runaway === undefined) throw new Error(`nobody asked for ${first.slice(0, 100)}`);
    const { title, does, told } = runaway;
    if (turn === 0) attempts.set(title, (attempts.get(title) ?? 0) + 1);
    const isStopped = told !== null && told.test(last);
    return attempts.get(title) === 1 && !isStopped ? does : finishes;
  };
}

test('each is stopped at its limit, which is named, and the worker takes the next task', async () => {
  const tasks = RUNAWAYS.map(({ title, claude }) => ({
    title,
    prompt: 'Work.',
    maxAttempts: 2,
    // A command that is not stopped is run again and again: the turns end what a limit did not.
    executor: { claude: { turns: 6, timeout: '60s', ...claude } },
  }));
  const planId = await shop.run(tasks, script());
  const plan = await shop.plan(planId);
  expect(plan.tasks.map(({ title, attempts }) => [title, attempts.map(({ message }) => message)])).toEqual(
    RUNAWAYS.map(({ title, attempt }) => [title, attempt === null ? [null] : [attempt, null]]),
  );
  const failures = plan.tasks.flatMap(({ attempts }) => attempts.map(({ failure }) => failure));
  expect(failures.filter((failure) => failure !== null)).toEqual([
    'verification_failed',
    'limit_exceeded',
    'limit_exceeded',
  ]);
  for (const { title, told } of RUNAWAYS)
    if (told !== null) {
      const results = shop.api.calls.filter(({ first, turn }) => turn > 0 && isAbout(title, first));
      expect([title, results.map(({ last }) => told.test(last))]).toEqual([title, [true]]);
    }
  expect(plan.status).toBe('completed');
}, 120_000);
