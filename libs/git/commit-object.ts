import type { CommitMessage } from '#engine/ports/git.port.js';
import { objectId } from './names.js';
import type { ObjectReader } from './object-reader.js';
import type { GitRunner } from './runner.js';

export interface CommitHeader {
  readonly tree: string;
  readonly parents: readonly string[];
}

/** Reads tree and parents from the content of a commit object; throws if it has no tree. */
export function parseCommit(content: Buffer): CommitHeader {
  const end = content.indexOf('\n\n');
  const lines = content.toString('utf8', 0, end < 0 ? content.length : end).split('\n');
  const values = (key: string): string[] =>
    lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  return { tree: objectId(values('tree')[0] ?? ''), parents: values('parent') };
}

/** Object id of a commit's tree; throws if there is no such commit. */
export async function treeOf(objects: ObjectReader, commit: string): Promise<string> {
  const object = await objects.read(objectId(commit));
  if (object?.type !== 'commit') throw new Error(`There is no commit ${commit}.`);
  return parseCommit(object.content).tree;
}

/** Writes a commit that is a function of its inputs alone and returns its id. */
export async function writeCommit(
  runner: GitRunner,
  gitDir: string,
  input: { readonly tree: string; readonly parents: readonly string[]; readonly message: CommitMessage },
): Promise<string> {
  const { subject, body, author, timestamp } = input.message;
  const line = subject.replace(/\s*[\r\n]+\s*/g, ' ').trim();
  const text = body.trim() === '' ? `${line}\n` : `${line}\n\n${body.trim()}\n`;
  const date = `${timestamp} +0000`;
  const env = {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
    GIT_COMMITTER_DATE: date,
  };
  const parents = input.parents.flatMap((parent) => ['-p', objectId(parent)]);
  const args = ['commit-tree', objectId(input.tree), ...parents, '-F', '-'];
  return runner.text({ args, gitDir, env, stdin: text });
}
