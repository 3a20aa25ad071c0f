import { join } from 'node:path';
import { GitRunner } from './runner.js';

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Planwright',
  GIT_AUTHOR_EMAIL: 'planwright@localhost',
  GIT_COMMITTER_NAME: 'Planwright',
  GIT_COMMITTER_EMAIL: 'planwright@localhost',
};

/**
 * Turns a folder of files into a repository with one commit.
 *
 * @param input.home folder where git's own settings of ours are written
 * @param input.path PATH that git is found by
 * @throws GitError
 */
export async function createRepository(input: {
  readonly folder: string;
  readonly branch: string;
  readonly subject: string;
  readonly home: string;
  readonly path: string;
}): Promise<void> {
  const { folder, branch, subject } = input;
  const runner = new GitRunner({ home: input.home, path: input.path });
  await runner.run({ args: ['init', '--quiet', `--initial-branch=${branch}`, '--template=', '--', folder] });
  const repository = { gitDir: join(folder, '.git'), cwd: folder, env: { GIT_WORK_TREE: folder } };
  await runner.run({ ...repository, args: ['add', '--all', '--', '.'] });
  await runner.run({
    ...repository,
    args: ['commit', '--quiet', '-m', subject],
    env: { ...repository.env, ...IDENTITY },
  });
}
