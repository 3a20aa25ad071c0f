import { ApiProcess } from '#testing/api-process.js';
import { createOrigin } from '#testing/git-repositories.js';

let api: ApiProcess;
let plan: number;

beforeAll(async () => {
  api = await ApiProcess.start();
  const repository = await createOrigin(await api.folder.next('demo'), { 'a.txt': 'a\n' });
  const executor = { claude: { ladder: [{}, { effort: 'high' }], turns: 5, timeout: '10m' } };
  const phases = [{ name: 'One', mode: 'sequential', tasks: [{ title: 'Work', executor }] }];
  const { body } = await api.post('/api/plans', { repository, plan: { name: 'Sessions', phases } });
  plan = body['number'] as number;
});

afterAll(() => api.stop());

test('a task of a model is shown as it was written', async () => {
  expect((await api.get(`/api/plan-tasks/${plan}.1`)).body).toMatchObject({
    executorKind: 'claude',
    executor: { claude: { ladder: [{}, { effort: 'high' }], turns: 5, timeout: '600s' } },
    question: null,
  });
});

test('who does not ask is not answered', async () => {
  const answer = (body: object) => api.post(`/api/plan-tasks/${plan}.1/answer`, body);
  expect(await answer({ answer: 'yes' })).toMatchObject({ status: 409 });
  expect(await answer({ answer: ' ' })).toMatchObject({ status: 422 });
  expect(await answer({})).toMatchObject({ status: 422 });
});

test.each(['transcript', 'output'])('there is no %s of an attempt that is not there', async (what) => {
  for (const attempt of ['1', '0', 'x', '99999999999'])
    expect(await api.get(`/api/plan-tasks/${plan}.1/attempts/${attempt}/${what}`)).toMatchObject({
      status: 404,
    });
  expect(await api.get(`/api/plan-tasks/${plan}.1/attempts/1/${what}?after=-1`)).toMatchObject({
    status: 422,
  });
});
