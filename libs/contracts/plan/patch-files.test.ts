import { resolvePlanFile } from './resolve-plan.js';

const PATCH = '--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-a\n+b\n';
const plan = (patch: string) => `name: P
phases:
  - name: One
    mode: sequential
    tasks:
      - title: Known work
        executor: { patch: ${JSON.stringify(patch)} }
`;
const files = (path: string) =>
  path === 'fix.patch' ? { text: PATCH } : { problem: `${path} cannot be read: no such file` };

it('a patch of one line is the path of its file, and becomes its text', () => {
  const resolved = resolvePlanFile(plan('fix.patch'), files);
  expect(resolved).toMatchObject({
    ok: true,
    document: { phases: [{ tasks: [{ executor: { patch: PATCH } }] }] },
  });
});

it('a patch that is text stays as it is', () => {
  expect(resolvePlanFile(plan(PATCH), files)).toMatchObject({
    ok: true,
    plan: { phases: [{ tasks: [{ executor: { patch: PATCH } }] }] },
  });
});

it('a file that cannot be read is said once, at its key in the plan file', () => {
  const resolved = resolvePlanFile(plan('none.patch'), files);
  expect(resolved).toMatchObject({
    ok: false,
    problems: [
      {
        path: 'phases[0].tasks[0].executor.patch',
        message: 'none.patch cannot be read: no such file',
        line: 7,
      },
    ],
  });
});

it('where no files can be read, a path is no patch', () => {
  expect(resolvePlanFile(plan('fix.patch'), null)).toMatchObject({
    ok: false,
    problems: [{ message: 'must be a unified diff, or the path of its file' }],
  });
});
