import { ApiProcess, type Answer } from '#testing/api-process.js';
import { commitAll, createOrigin, git, writeFiles } from '#testing/git-repositories.js';

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('demo'), { 'a.txt': 'a\n', 'b.txt': 'b\n' });
});

afterAll(() => api.stop());

const task = (key: string, more: object = {}) => ({
  key,
  title: `Task ${key}`,
  executor: { external: {} },
  ...more,
});
const phase = (name: string, tasks: object[], more: object = {}) => ({
  name,
  mode: 'parallel',
  tasks,
  ...more,
});

/** A plan that runs, of tasks that no worker takes. @returns its number */
async function started(...phases: object[]): Promise<number> {
  const { body } = await api.post('/api/plans', { repository, plan: { name: 'By hand', phases } });
  await api.post(`/api/plans/${String(body['number'])}/execute`);
  return body['number'] as number;
}

const say = (of: string, verb: string, body?: object): Promise<Answer> =>
  api.post(`/api/plan-tasks/${of}/${verb}`, body);

async function statuses(plan: number): Promise<string[]> {
  const { body } = await api.get(`/api/plans/${plan}`);
  const phases = body['phases'] as { tasks: { status: string }[] }[];
  return phases.flatMap(({ tasks }) => tasks.map(({ status }) => status));
}

async function planStatus(plan: number): Promise<unknown> {
  return (await api.get(`/api/plans/${plan}`)).body['status'];
}

describe('a task in the hands of a person', () => {
  it('is claimed once, given back, and completed with a note', async () => {
    const plan = await started(phase('One', [task('a')]));
    expect((await say(`${plan}.1`, 'claim')).body).toMatchObject({ status: 'claimed' });
    expect((await say(`${plan}.1`, 'claim')).status).toBe(409);
    expect((await say(`${plan}.1`, 'release')).body).toMatchObject({ status: 'ready' });
    expect((await say(`${plan}.1`, 'complete', {})).status).toBe(422);
    expect((await say(`${plan}.1`, 'complete', { note: 'in the console' })).body).toMatchObject({
      status: 'completed',
      verified: false,
      commit: null,
    });
    expect(await planStatus(plan)).toBe('completed');
  });

  it('can be assigned to somebody new at any time before it ended', async () => {
    const plan = await started(phase('One', [task('a')]));
    expect((await say(`${plan}.1`, 'assign', { assignedTo: 'Grace' })).body).toMatchObject({
      assignedTo: 'Grace',
    });
    await say(`${plan}.1`, 'complete', { note: 'done' });
    expect((await say(`${plan}.1`, 'assign', { assignedTo: null })).status).toBe(409);
  });

  it('fails with its note, and is told the next one', async () => {
    const plan = await started(phase('One', [task('a', { maxAttempts: 1 })]));
    await say(`${plan}.1`, 'claim');
    expect((await say(`${plan}.1`, 'fail', { note: 'no way' })).body).toMatchObject({
      status: 'failed',
      note: 'no way',
    });
    expect(await planStatus(plan)).toBe('paused');
    expect((await say(`${plan}.1`, 'claim')).body).toMatchObject({ status: 'claimed' });
    expect(await planStatus(plan)).toBe('running');
  });
});

describe('handing in', () => {
  async function branch(name: string, files: Record<string, string>): Promise<void> {
    await git(repository, 'switch', '--quiet', '-C', name, 'main');
    await writeFiles(repository, files);
    await commitAll(repository, name);
    await git(repository, 'switch', '--quiet', 'main');
  }

  it('a branch of the origin is verified as one commit on the tip', async () => {
    await branch('mine', { 'a.txt': 'mine\n' });
    const plan = await started(phase('One', [task('a')]));
    expect((await say(`${plan}.1`, 'submit', { ref: 'mine' })).body).toMatchObject({
      status: 'verifying',
      attempts: [{ number: 1, status: 'executed' }],
    });
    expect((await api.get(`/api/plan-tasks/${plan}.1/diff`)).body).toMatchObject({
      from: expect.stringMatching(/^[0-9a-f]{40}$/) as unknown,
      patchId: null,
      files: [{ path: 'a.txt', text: expect.stringContaining('+mine') as unknown }],
    });
  });

  it('what does not exist, was never pushed, or is named twice is refused, and changes nothing', async () => {
    const plan = await started(phase('One', [task('a'), task('b', { effect: 'none' })]));
    expect((await say(`${plan}.1`, 'submit', { ref: 'no-such' })).status).toBe(422);
    expect((await say(`${plan}.1`, 'submit', { commit: '1'.repeat(40) })).status).toBe(422);
    expect((await say(`${plan}.1`, 'submit', {})).status).toBe(422);
    expect((await say(`${plan}.2`, 'submit', { ref: 'main' })).status).toBe(409);
    expect(await statuses(plan)).toEqual(['ready', 'ready']);
  });
});

describe('skipping', () => {
  const chain = () =>
    started(
      phase('One', [task('a'), task('b', { dependsOn: ['a'] }), task('c', { dependsOn: ['b'] }), task('d')]),
    );

  it('blocks what needs it, and pauses a plan in which nothing can start, until it satisfies after all', async () => {
    const plan = await chain();
    await say(`${plan}.1`, 'skip', { satisfies: false, note: 'not now' });
    expect(await statuses(plan)).toEqual(['skipped', 'blocked', 'blocked', 'ready']);
    await say(`${plan}.4`, 'complete', { note: 'done' });
    expect((await api.get(`/api/plans/${plan}`)).body).toMatchObject({
      status: 'paused',
      pauseReason: 'task_failed',
    });
    await say(`${plan}.1`, 'skip', { satisfies: true });
    expect(await statuses(plan)).toEqual(['skipped', 'ready', 'pending', 'completed']);
    expect(await planStatus(plan)).toBe('running');
  });

  it('that satisfies releases what needs it', async () => {
    const plan = await chain();
    await say(`${plan}.1`, 'skip', { satisfies: true });
    expect(await statuses(plan)).toEqual(['skipped', 'ready', 'pending', 'ready']);
  });
});

describe('the end of a phase', () => {
  it('waits for a reviewer, who lets the next one start', async () => {
    const plan = await started(phase('One', [task('a')], { atEnd: 'approve' }), phase('Two', [task('b')]));
    await say(`${plan}.1`, 'complete', { note: 'done' });
    const { body } = await api.get(`/api/plans/${plan}`);
    expect(body).toMatchObject({ status: 'running', phases: [{ status: 'awaiting_approval' }, {}] });
    const [{ id = '' } = {}] = body['phases'] as { id: string }[];
    expect((await api.post(`/api/phases/${id}/reject`, { note: 'not yet' })).body).toMatchObject({
      status: 'paused',
      pauseReason: 'approval',
    });
    expect((await api.post(`/api/phases/${id}/approve`)).body).toMatchObject({
      status: 'running',
      phases: [{ status: 'completed' }, { status: 'running' }],
    });
    expect((await api.post(`/api/phases/${id}/approve`)).status).toBe(409);
  });

  it('pauses the plan, and resuming opens the next', async () => {
    const plan = await started(phase('One', [task('a')], { atEnd: 'pause' }), phase('Two', [task('b')]));
    await say(`${plan}.1`, 'complete', { note: 'done' });
    expect((await api.get(`/api/plans/${plan}`)).body).toMatchObject({
      status: 'paused',
      pauseReason: 'after_phase',
    });
    await api.post(`/api/plans/${plan}/resume`);
    expect(await statuses(plan)).toEqual(['completed', 'ready']);
  });
});

it('pausing at once leaves what people have to them', async () => {
  const plan = await started(phase('One', [task('a')]));
  await say(`${plan}.1`, 'claim');
  expect((await api.post(`/api/plans/${plan}/pause`, { now: true })).body).toMatchObject({
    status: 'paused',
  });
  expect((await say(`${plan}.1`, 'complete', { note: 'done' })).body).toMatchObject({ status: 'completed' });
});
