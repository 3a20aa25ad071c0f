import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin, TEST_PATH } from '#testing/git-repositories.js';

/** The real program, whole processes, against a real API. */

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const PLAN = `name: Two files
phases:
  - name: Write
    mode: sequential
    tasks:
      - key: first
        title: Write the first
        executor: { command: echo 1 > first.txt }
      - key: second
        title: Write the second
        executor: { command: echo 2 > second.txt, timeout: 90s }
        spec: second.spec.yaml
`;
const SPEC = `spec: 1
name: The second is there
rules:
  - id: there
    require: { files: [second.txt] }
`;

let api: ApiProcess;
let repository: string;
let planFile: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('origin'));
  planFile = await api.folder.next('plan.yaml');
  await writeFile(planFile, PLAN);
  await writeFile(path.join(path.dirname(planFile), 'second.spec.yaml'), SPEC);
});
afterAll(() => api.stop());

function planwright(...args: readonly string[]): Promise<Ran> {
  return run({ PLANWRIGHT_URL: api.url, PLANWRIGHT_TOKEN: api.token }, args);
}

function run(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ran> {
  const cli = path.resolve('dist/apps/cli/main.js');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [cli, ...args],
      { env: { PATH: TEST_PATH, ...env } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function file(name: string, plan: object): Promise<string> {
  const path = await api.folder.next(name);
  await writeFile(path, JSON.stringify(plan));
  return path;
}

function dataOf({ stdout }: Ran): Record<string, unknown> {
  const envelope = JSON.parse(stdout) as { planwright: number; kind: string; data: Record<string, unknown> };
  expect(envelope.planwright).toBe(1);
  return envelope.data;
}

describe('a plan from a file', () => {
  it('is created and started; list, show and export give it back', async () => {
    const started = await planwright('run', planFile, '--repo', repository, '--detach', '--json');
    expect(started.code).toBe(0);
    const plan = dataOf(started);
    expect(plan).toMatchObject({ name: 'Two files', status: 'running' });
    const number = String(plan['number']);

    const listed = await planwright('list');
    expect(listed.stdout).toMatch(new RegExp(`#${number} +running +Two files`));
    const shown = await planwright('show', number);
    expect(shown.stdout).toContain(`${number}.2`);
    expect(shown.stdout).toContain('Write the second');
    expect(dataOf(await planwright('show', number, '--format', 'json'))).toMatchObject({ id: plan['id'] });

    const file = await api.folder.next('again.yaml');
    expect((await planwright('export', number, '--output', file)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('second.txt');
    const again = await planwright('run', file, '--repo', repository, '--detach', '--json');
    expect(dataOf(again)).toMatchObject({ name: 'Two files' });
  });

  it('with a cycle is refused with its line, and nothing is created', async () => {
    const before = (await planwright('list', '--json')).stdout;
    const file = await api.folder.next('cycle.yaml');
    await writeFile(
      file,
      PLAN.replace('title: Write the first', 'title: Write the first\n        dependsOn: [second]'),
    );
    const refused = await planwright('run', file, '--repo', repository, '--detach');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/first.*second|second.*first/);
    expect((await planwright('list', '--json')).stdout).toBe(before);
  });

  it.each([
    ['that names no other file', PLAN.replace(/ +spec: .*\n/, ''), 2],
    ['that names a file that is not there', PLAN, 3],
  ])('%s is refused with each place, whether an API answers or not', async (_, text, problems) => {
    const file = await api.folder.next('wrong.yaml');
    await writeFile(file, text.replace('mode: sequential', 'mode: sideways').replace('timeout', 'timeuot'));
    const args = ['run', file, '--repo', repository];
    const refused = await planwright(...args);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`The plan has ${problems} problems; nothing was created.`);
    expect(refused.stderr).toContain(`  ${file}:4:5 phases[0].mode: `);
    expect(refused.stderr).toContain(`  ${file}:11:51 phases[0].tasks[1].executor.timeuot: `);
    expect(await run({ PLANWRIGHT_URL: 'http://127.0.0.1:1', PLANWRIGHT_TOKEN: 'x' }, args)).toEqual(refused);
  });

  it('that names no other file is refused for what only the API knows', async () => {
    const file = await api.folder.next('elsewhere.yaml');
    await writeFile(file, PLAN.replace(/ +spec: .*\n/, ''));
    const refused = await planwright('run', file, '--repo', '/nonexistent');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('There is nothing at /nonexistent.');
  });
});

describe('a plan from nothing', () => {
  it('is created empty, filled, shown and changed, each by one command', async () => {
    const metadata = ['--metadata-json', '{"ticket": "A-1"}'];
    const created = await planwright('init', '--name', 'By hand', '--repo', repository, ...metadata);
    expect(created.code).toBe(0);
    const number = created.stdout.trim();
    expect(number).toMatch(/^\d+$/);

    const spec = path.join(path.dirname(planFile), 'second.spec.yaml');
    const task = ['add-task', number, '--title', 'A task', '--description', 'Why', '--command', 'true'];
    expect(dataOf(await planwright(...task, '--spec', spec, '--json'))).toMatchObject({ number: 1 });
    expect((await planwright('add-phase', number, '--name', 'More')).code).toBe(0);
    const inPhase = await planwright(...task, '--phase', '1', '--needs', 'typescript,sql', '--json');
    expect(dataOf(inPhase)).toMatchObject({ number: 2, needs: ['typescript', 'sql'] });
    expect((await planwright(...task, '--phase', '3')).stderr).toContain('no phase 3');
    expect((await planwright(...task, '--phase', 'x')).code).toBe(2);

    expect((await planwright('update-task', number, '2', '--title', 'Renamed')).code).toBe(0);
    expect((await planwright('update-task', `${number}.1`, '--description', 'Because')).code).toBe(0);
    const needing = await planwright('update-task', number, '1', '--needs', 'css', 'writing', '--json');
    expect(dataOf(needing)).toMatchObject({ needs: ['css', 'writing'] });
    const shown = await planwright('show', '--tasks', '--specs', '--format', 'text');
    expect(shown.stdout).toContain('By hand');
    expect(shown.stdout).toContain('Renamed');
    expect(shown.stdout).toContain('name: The second is there');
    expect(shown.stdout).toContain('none: it will be unverified');
    expect(dataOf(await planwright('show', number, '--json'))).toMatchObject({ metadata: { ticket: 'A-1' } });
  });

  it('needs metadata that is a JSON object', async () => {
    for (const text of ['{', '[]', '1', 'null']) {
      const refused = await planwright('init', '--name', 'x', '--repo', repository, '--metadata-json', text);
      expect(refused).toMatchObject({ code: 2, stdout: '' });
    }
  });

  it('shows on demand where the jobs of an attempt are', async () => {
    const started = await planwright('run', planFile, '--repo', repository, '--detach', '--json');
    const number = String(dataOf(started)['number']);
    expect((await planwright('show', number)).stdout).not.toContain('/jobs/of/');
    const shown = (await planwright('show', number, '--verbose')).stdout;
    expect(shown).toContain(`Jobs of ${number}.1, attempt 1: ${api.url}/jobs/of/`);
    expect(shown).toContain('name: The second is there');
  });
});

describe('a plan that only people can move on', () => {
  it('is left with code 3 and the commands that move it', async () => {
    const tasks = [
      { key: 'go', title: 'An event', executor: { wait: { event: 'go' } } },
      { key: 'out', title: 'Outside', effect: 'none', executor: { external: {} } },
    ];
    const plan = await file('outside.json', {
      name: 'Outside',
      phases: [{ name: 'One', mode: 'parallel', tasks }],
    });
    const left = await planwright('run', plan, '--repo', repository);
    const number = /Plan (\d+)/.exec(left.stdout)?.[1] ?? '';
    expect(left.code).toBe(3);
    expect(left.stderr).toContain(`planwright signal ${number} go`);
    expect(left.stderr).toContain(`planwright claim ${number}.2`);
    expect((await planwright('signal', number, 'go')).code).toBe(0);
    expect((await planwright('claim', `${number}.2`)).stderr).toContain(`planwright complete ${number}.2`);
    expect((await planwright('complete', `${number}.2`, '--note', 'done')).code).toBe(0);
    expect((await planwright('watch', number)).code).toBe(0);
  });

  it('is approved where everything is: starts, and ends of phases', async () => {
    const tasks = [{ title: 'An event', executor: { wait: { for: '1s' } } }];
    const phases = [{ name: 'One', mode: 'manual', atEnd: 'approve', tasks }];
    const plan = await file('manual.json', { name: 'Manual', phases });
    expect((await planwright('run', plan, '--repo', repository)).code).toBe(3);
    expect((await planwright('watch', 'latest', '--yes')).code).toBe(0);
  });

  it('has no contract before a task has proved something, and none to waive', async () => {
    const { number } = dataOf(await planwright('show', '--json'));
    const plan = String(number);
    expect(await planwright('contracts', plan)).toMatchObject({ code: 0, stdout: '' });
    expect(dataOf(await planwright('contracts', plan, '--json'))).toEqual([]);
    const refused = await planwright('waive', plan, '1.no-legacy', '--note', 'why');
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`planwright contracts ${plan}`),
    });
    expect((await planwright('waive', plan, '1.no-legacy')).code).toBe(2);
  });

  it('has no diff of a task of which nothing was made', async () => {
    const plan = await file('one.json', {
      name: 'One',
      phases: [{ name: 'One', mode: 'manual', tasks: [{ title: 'A', executor: { external: {} } }] }],
    });
    await planwright('run', plan, '--repo', repository, '--detach');
    const { number } = dataOf(await planwright('show', '--json'));
    const refused = await planwright('diff', `${String(number)}.1`);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('nothing was made of it yet');
  });
});

describe('a plan that is taken back', () => {
  it('is shown what that does, and nothing is done before somebody says so', async () => {
    const tasks = ['a', 'b'].map((key) => ({ key, title: `Task ${key}`, executor: { external: {} } }));
    const plan = await file('back.json', {
      name: 'Back',
      phases: [{ name: 'One', mode: 'sequential', tasks }],
    });
    await planwright('run', plan, '--repo', repository, '--detach');
    const number = String(dataOf(await planwright('show', '--json'))['number']);
    for (const task of [1, 2]) await planwright('complete', `${number}.${task}`, '--note', 'done');
    expect(
      (await planwright('checkpoint', 'done', '--plan', number, '--task', `${number}.1`)).stderr,
    ).toContain(`planwright rewind ${number} --to done`);
    for (const task of [[], ['--task', '1'], ['--task', `${number}.1`]])
      expect((await planwright('snapshots', number, ...task)).stdout).toMatch(/1\/1 +checkpoint +done/);
    expect((await planwright('snapshots', number, '--task', '2')).stdout).toBe('');
    const other = await planwright('snapshots', number, '--task', `${number}0.1`);
    expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('is none of plan') as unknown });

    const seen = await planwright('rewind', number, '--to', `${number}.1`);
    expect(seen).toMatchObject({ code: 0 });
    expect(seen.stdout).toContain('Tasks that begin again:\n  2  Task b');
    expect(seen.stderr).toContain('Nothing was changed.');
    expect(dataOf(await planwright('show', number, '--json'))).toMatchObject({ status: 'completed' });
    const { preview } = dataOf(await planwright('rewind', number, '--to', '1', '--json'));
    const yes = ['--yes', '--preview', String(preview)];
    const done = await planwright('rewind', number, '--to', '1', ...yes, '--json');
    expect(dataOf(done)).toMatchObject({ status: 'paused' });
    const late = await planwright('rewind', number, '--to', '1', ...yes);
    expect(late).toMatchObject({ code: 1, stdout: '' });
    const back = await planwright('rewind', number, '--to', 'done', '--yes');
    expect(back.stdout).toContain('Tasks that count as done again:\n  2  Task b');
    expect((await planwright('resume', number)).code).toBe(0);
    expect(dataOf(await planwright('show', number, '--json'))).toMatchObject({ status: 'completed' });
  });

  it('has the diffs of its snapshots, and nothing old to prune', async () => {
    expect(await planwright('show-diff', 'latest.1', '--sequence', '0')).toMatchObject({ code: 2 });
    const number = String(dataOf(await planwright('show', '--json'))['number']);
    const none = await planwright('show-diff', `${number}.1`, '--sequence', '7');
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('no snapshot');
    expect((await planwright('prune', '--days', '30', '--dry-run', '--yes')).stderr).toContain(
      'Nothing is older than 30 days',
    );
    expect(await planwright('prune')).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('errors', () => {
  it('a typo gets a suggestion, and code 2', async () => {
    const typo = await planwright('shwo', '1');
    expect(typo.code).toBe(2);
    expect(typo.stderr).toContain('Did you mean show?');
  });

  it('a plan that is not there is code 1; data goes nowhere', async () => {
    const missing = await planwright('show', '4711');
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toContain('4711');
  });

  it('no API is code 4 and names the next command', async () => {
    const nobody = await run({ PLANWRIGHT_URL: 'http://127.0.0.1:1', PLANWRIGHT_TOKEN: 'x' }, ['list']);
    expect(nobody.code).toBe(4);
    expect(nobody.stderr).toContain('planwright up');
    const nowhere = await run({ PLANWRIGHT_HOME: '/nonexistent/planwright' }, ['list']);
    expect(nowhere.code).toBe(4);
  });

  it('a state that forbids it is named', async () => {
    const started = await planwright('run', planFile, '--repo', repository, '--detach', '--json');
    const number = String(dataOf(started)['number']);
    const twice = await planwright('execute', number);
    expect(twice.code).toBe(1);
    expect(twice.stderr).toContain('running');
    expect(twice.stderr).toContain(`Next: planwright show ${number}`);
  });

  it('a task that nobody carries out, or an option that is missing, is code 2 and says where help is', async () => {
    const task = await planwright('add-task', 'latest', '--title', 'x');
    expect(task).toMatchObject({ code: 2, stdout: '' });
    for (const way of ['--command', '--patch', '--external', '--profile']) expect(task.stderr).toContain(way);
    const init = await planwright('init');
    expect(init.code).toBe(2);
    expect(init.stderr).toContain('Next: planwright init --help');
  });

  it('a number that is none is code 2, and takes no limit away', async () => {
    for (const args of [
      ['update-repository', repository, '--max-tasks', 'abc'],
      ['add-phase', 'latest', '--name', 'x', '--concurrency', 'abc'],
      ['list', '--limit', '0'],
    ])
      expect(await planwright(...args)).toMatchObject({ code: 2, stdout: '' });
    const limit = ['update-repository', repository, '--max-tasks'];
    expect((await planwright(...limit, '2')).stderr).toContain('tasks at once: 2');
    expect((await planwright(...limit, 'none')).stderr).toContain('no limit');
  });

  it('what a repository has already is asked of the one here, known or not, and nothing wanted is code 2', async () => {
    const files = { 'a.py': 'def create_order(body):\n    return body\n' };
    const here = await createOrigin(await api.folder.next('patterns'), files);
    const asked = ['analogous', '--repo', here, '--kind', 'function'];
    for (const name of [['create_user'], ['--like', 'create_user']]) {
      const { code, stdout } = await planwright(...asked, ...name);
      expect(code).toBe(0);
      expect(stdout).toContain('a.py:1-2');
      expect(stdout).toContain('    def create_order(body):\n        return body');
    }
    const json = await planwright(...asked, 'create_user', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      kind: 'analogous',
      data: { items: [{ name: 'create_order', startLine: 1, endLine: 2 }] },
    });
    expect(await planwright(...asked)).toMatchObject({ code: 2, stdout: '' });
  });

  it('what is wrong is said once', async () => {
    const refused = await planwright('init', '--name', 'x', '--repo', '/nonexistent');
    expect(refused.code).toBe(1);
    expect(refused.stderr.match(/There is nothing at/g)).toHaveLength(1);
  });
});

it('completion names every command', async () => {
  const script = await planwright('completion', 'bash');
  const help = await planwright('--help');
  for (const verb of ['run', 'list', 'show', 'add-task', 'approve', 'watch', 'rewind', 'prune']) {
    expect(help.stdout).toContain(`  ${verb} `);
    expect(script.stdout).toContain(`    ${verb}) words=`);
  }
  expect(script.stdout).toContain('    show-diff) words="--sequence');
  expect(script.stdout).toContain('    agent) words="list show add edit archive restore');
});
