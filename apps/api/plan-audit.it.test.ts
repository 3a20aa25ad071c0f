import path from 'node:path';
import type { PlanView } from '#contracts/api/plans.js';
import { ApiProcess } from '#testing/api-process.js';
import { createOrigin, git } from '#testing/git-repositories.js';
import { until } from '#testing/running-demo.js';

let api: ApiProcess;
let repository: string;

beforeAll(async () => {
  api = await ApiProcess.start();
  repository = await createOrigin(await api.folder.next('origin'));
});
afterAll(() => api.stop());

/** A plan whose hub and record differ: an audit of it looks again for seconds. @returns its number */
async function aDisputedPlan(): Promise<number> {
  const tasks = [{ title: 'Do it', executor: { external: {} } }];
  const phases = [{ name: 'One', mode: 'parallel', tasks }];
  const { body } = await api.post('/api/plans', { repository, plan: { name: 'Disputed', phases } });
  const plan = body as unknown as PlanView;
  await api.post(`/api/plans/${plan.number}/execute`);
  const hub = path.join(api.home, 'hubs', `${plan.repository.id}.git`);
  const at = ['-c', 'user.name=t', '-c', 'user.email=t@t', 'commit-tree', `${plan.baseCommit}^{tree}`];
  const other = (await git(hub, ...at, '-p', plan.baseCommit, '-m', 'Of nobody')).trim();
  await git(hub, 'update-ref', `refs/heads/${plan.branch}`, other);
  return plan.number;
}

const audit = (plan: number) => api.get(`/api/plans/${plan}/audit`);
const refusal = (detail: string) => ({
  status: 503,
  type: expect.stringContaining('application/problem+json') as unknown,
  body: { type: 'urn:planwright:problem:unavailable', detail, remedy: expect.any(String) as unknown },
});

it('of one plan, one audit runs at a time; the other is told when to ask again', async () => {
  const plan = await aDisputedPlan();
  const answers = await Promise.all([audit(plan), audit(plan)]);
  const [computed, refused] = answers.sort((a, b) => a.status - b.status);
  expect(computed).toMatchObject({ status: 200, body: { result: 'tampered' } });
  expect(refused).toMatchObject(refusal(`Plan ${plan} is being audited already.`));
  expect(refused?.headers.get('retry-after')).toBe('5');
});

it('two audits run at once, and not a third', async () => {
  const plans = [await aDisputedPlan(), await aDisputedPlan(), await aDisputedPlan()];
  const answers = await Promise.all(plans.map(audit));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 503]);
  expect(answers.find(({ status }) => status === 503)).toMatchObject(
    refusal('2 plans are being audited, as many as may be at once.'),
  );
});

it('a client that leaves ends its audit, and is no fault', async () => {
  const plan = await aDisputedPlan();
  const clients = [0, 1].map(() => {
    const leave = new AbortController();
    return { leave, answer: fetch(`${api.url}/api/plans/${plan}/audit`, { signal: leave.signal }) };
  });
  const refused = await Promise.race(
    clients.map(({ answer }, at) => answer.then(({ status }) => ({ at, status }))),
  );
  expect(refused.status).toBe(503);
  const audited = clients[1 - refused.at];
  audited?.leave.abort();
  await expect(audited?.answer).rejects.toThrow('aborted');
  await until('room for another', async () => ((await audit(plan)).status === 200 ? true : null));
  expect(api.log.join('')).not.toContain('a request failed');
});
