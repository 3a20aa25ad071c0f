import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coreConfig, writeRepository } from './bare-repository.js';
import { objectId } from './names.js';
import { GitRunner } from './runner.js';

export interface Unbundled {
  /** What git says is wrong with its objects. */
  readonly problems: readonly string[];
  readonly refs: Readonly<Record<string, string>>;
  /** What git says of the form of objects that are what they were. */
  readonly notes: readonly string[];
}

/** Exit code of `git fsck` when objects are there, and only their form is unusual. */
const FORM_ONLY = 1;

/**
 * Makes a bare repository of a bundle, in a folder that is not there yet, and looks at every object of it.
 *
 * @param input.shallow where its history begins
 * @throws GitError for a bundle that git cannot read
 */
export async function unbundle(
  config: { readonly home: string; readonly path: string },
  input: { readonly gitDir: string; readonly file: string; readonly shallow: string },
): Promise<Unbundled> {
  const { gitDir, file, shallow } = input;
  const runner = new GitRunner(config);
  await writeRepository(gitDir, { config: coreConfig(true), head: 'ref: refs/heads/none\n', alternates: [] });
  await writeFile(join(gitDir, 'shallow'), `${objectId(shallow)}\n`);
  const fetch = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--', file, '+refs/*:refs/*'];
  await runner.run({ args: fetch, gitDir });
  const args = ['fsck', '--full', '--no-dangling', '--no-progress'];
  const codes = Array.from({ length: 32 }, (_, code) => code);
  const { code, stdout, stderr } = await runner.run({ args, gitDir, codes });
  const said = `${stdout.toString('utf8')}${stderr}`
    .split('\n')
    .filter((line) => /^(error|missing|broken|fatal)/.test(line));
  const listed = await runner.text({ args: ['for-each-ref', '--format=%(objectname) %(refname)'], gitDir });
  const refs = Object.fromEntries(
    listed.split('\n').map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]),
  );
  const isForm = code === FORM_ONLY;
  const lines = said.length > 0 ? said : [`git fsck ended with ${code}`];
  return { problems: code === 0 || isForm ? [] : lines, refs, notes: isForm ? lines : [] };
}

/** Whether a repository, a person's own, has the commit. */
export async function hasCommit(
  config: { readonly home: string; readonly path: string },
  repository: string,
  commit: string,
): Promise<boolean> {
  const runner = new GitRunner(config);
  const args = ['-C', repository, 'cat-file', '-e', `${objectId(commit)}^{commit}`];
  const { code } = await runner.run({ args, foreign: true, codes: [0, 1, 128] });
  return code === 0;
}
