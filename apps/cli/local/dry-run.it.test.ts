import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOrigin, git, TemporaryFolder } from '#testing/git-repositories.js';
import { EXIT } from '../exit-codes.js';
import { dryRun } from './dry-run.js';

let folder: TemporaryFolder;
let origin: string;
let temporary: string;
const tmp = process.env['TMPDIR'];

beforeAll(async () => {
  folder = await TemporaryFolder.create();
  origin = await createOrigin(join(folder.path, 'origin'));
  temporary = await mkdtemp(join(folder.path, 'tmp-'));
  process.env['TMPDIR'] = temporary;
});

afterAll(async () => {
  if (tmp === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = tmp;
  await folder.remove();
});

async function lines(spec: string, over: { readonly repository?: string } = {}) {
  const file = join(folder.path, 'plan.yaml');
  await writeFile(join(folder.path, 'spec.yaml'), spec);
  await writeFile(
    file,
    "name: Demo\nphases:\n  - name: One\n    mode: parallel\n    tasks:\n      - title: Do it\n        executor: { command: 'touch done' }\n        spec: spec.yaml\n",
  );
  const out: string[] = [];
  const code = await dryRun({ file, repository: origin, out: (line) => out.push(line), ...over });
  return { code, text: out.join('\n') };
}

const checkOf = (run: string) => `spec: 1\nchecks:\n  - { id: unit, run: '${run}' }\n`;

it.each([
  ['red', checkOf('test -e done'), EXIT.ok, 'red on the base, as it should be'],
  ['green', checkOf('test -e README.md'), EXIT.inconclusive, 'it would prove nothing'],
  ['undecided', checkOf('no-such-tool'), EXIT.inconclusive, 'it does not start'],
])('says of a spec that is %s so, by the exit code too', async (_, spec, expected, words) => {
  const { code, text } = await lines(spec);
  expect(code).toBe(expected);
  expect(text).toContain(words);
  expect(text).toContain('executor  command');
});

it('leaves nothing behind: no file, no ref, nothing in the checkout', async () => {
  const refs = await git(origin, 'for-each-ref');
  await lines(checkOf('echo x > made && test -e done'));
  expect(await readdir(temporary)).toEqual([]);
  expect(await git(origin, 'for-each-ref')).toBe(refs);
  expect(await git(origin, 'status', '--porcelain', '--ignored')).toBe('');
});

it('refuses a plan with a bad spec, by the place in the spec', async () => {
  await expect(lines('spec: 1\nchecs: []\n')).rejects.toMatchObject({
    code: EXIT.failed,
    message: expect.stringContaining(
      `${join(folder.path, 'spec.yaml')}:2:1 checs: unknown key 'checs'; did you mean 'checks'?`,
    ),
  });
});

it('refuses what is no repository, with what to do', async () => {
  const nothing = join(folder.path, 'nothing');
  await expect(lines(checkOf('true'), { repository: nothing })).rejects.toMatchObject({
    code: EXIT.failed,
    next: expect.any(String) as string,
  });
  expect(await readdir(temporary)).toEqual([]);
});
