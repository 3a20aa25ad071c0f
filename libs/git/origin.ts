import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import { isBranchName, isObjectId, isUrl, shellQuoted, withoutCredentials } from './names.js';
import {
  credentialSettings,
  NO_CREDENTIALS,
  withoutSecrets,
  type OriginCredentials,
} from './origin-credentials.js';
import { GitError, type GitCall, type GitResult, type GitRunner } from './runner.js';

export interface Origin {
  /** What git is given: an absolute path or a URL. */
  readonly location: string;
  readonly local: boolean;
  /** True for a local repository with working files. */
  readonly checkout: boolean;
  /** What a local repository's HEAD stands on; null: no commit, no branch, or not asked yet. */
  readonly head: BaseCommit | null;
}

export interface BaseCommit {
  readonly commit: string;
  readonly branch: string;
}

/** Runs git on a person's repository; `environment` is what the origin's transport needs (ssh agent, helpers). */
export class OriginGit {
  constructor(
    private readonly runner: GitRunner,
    private readonly environment: Readonly<Record<string, string>>,
    private readonly credentials: OriginCredentials = NO_CREDENTIALS,
  ) {}

  /** What the other side says of the secret that it was shown is not passed on. */
  async run(origin: Origin, call: GitCall): Promise<GitResult> {
    const hide = (text: string): string => withoutSecrets(text, this.credentials);
    try {
      const result = await this.runner.run({
        ...call,
        foreign: true,
        settings: [...credentialSettings(origin.location, this.credentials), ...(call.settings ?? [])],
        env: { ...(origin.local ? {} : this.environment), ...call.env },
      });
      return { ...result, stderr: hide(result.stderr) };
    } catch (error) {
      throw error instanceof GitError ? new GitError(call.args, error.code, hide(error.stderr)) : error;
    }
  }

  async text(origin: Origin, call: GitCall): Promise<string> {
    return (await this.run(origin, call)).stdout.toString('utf8').trimEnd();
  }
}

/** What a person named, unseen: an absolute path or a URL. */
export function originNamed(name: string): Origin {
  const local = !isUrl(name);
  return { location: local ? resolve(name) : name, local, checkout: false, head: null };
}

/** Finds what a person named. Throws a `GitRefusal` for what is no repository of its own. */
export async function locate(git: OriginGit, name: string): Promise<Origin> {
  const origin = originNamed(name);
  if (!origin.local) return origin;
  const path = origin.location;
  const stats = await stat(path).catch(() => null);
  if (stats === null)
    throw new GitRefusal(`There is nothing at ${path}.`, 'Give the path or URL of a git repository.');
  const refusal = new GitRefusal(
    `${path} is not a git repository.`,
    `Make it one: git -C ${shellQuoted(path)} init, then commit.`,
  );
  if (!stats.isDirectory()) throw refusal;
  const questions = [
    ...['--is-bare-repository', '--show-object-format', '--is-inside-work-tree', '--show-prefix'],
    ...['HEAD', '--symbolic-full-name', 'HEAD'],
  ];
  const answer = await git.run(origin, { args: ['rev-parse', ...questions], cwd: path, codes: [0, 128] });
  const answers = answer.stdout.toString('utf8').split('\n');
  // Without a first commit it answers all but the last questions before it fails.
  if (answers.length < 5) throw refusal;
  const [bare, format, inside, prefix = '', commit = '', ref = ''] = answers;
  if (prefix !== '') {
    const top = await git.text(origin, { args: ['rev-parse', '--show-toplevel'], cwd: path });
    throw new GitRefusal(`${path} is a folder inside the repository ${top}.`, `Give ${top} instead.`);
  }
  if (format !== 'sha1')
    throw new GitRefusal(`${path} uses ${format} object ids.`, 'Only SHA-1 repositories are supported.');
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  const head = answer.code === 0 && branch !== undefined ? { commit, branch } : null;
  return { ...origin, checkout: bare === 'false' && inside === 'true', head };
}

/** The commit a plan starts from. Throws a `GitRefusal` where there is none. */
export async function resolveBase(git: OriginGit, origin: Origin, base: string | null): Promise<BaseCommit> {
  if (base !== null && isObjectId(base)) return { commit: base, branch: base };
  if (base === null && origin.head !== null) return origin.head;
  const name = base?.replace(/^refs\/heads\//, '') ?? null;
  if (name !== null && !isBranchName(name)) {
    throw new GitRefusal(
      `${JSON.stringify(name)} is not the name of a branch, a tag or a full commit id.`,
      'Name one of them.',
    );
  }
  const wanted =
    name === null ? ['HEAD'] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/tags/${name}^{}`];
  const { ids, head } = await listRefs(git, origin, wanted);
  if (name === null && ids.has('HEAD') && head === null) throw detachedRefusal(origin);
  const commit = ids.get(wanted[0] ?? '') ?? ids.get(wanted[2] ?? '') ?? ids.get(wanted[1] ?? '');
  if (commit === undefined) throw await missingRefusal(git, origin, name);
  return { commit, branch: name ?? head?.replace(/^refs\/heads\//, '') ?? '' };
}

/** Ids of exactly these refs, and what HEAD points at. Throws a `GitRefusal` if the origin cannot be read. */
export async function listRefs(
  git: OriginGit,
  origin: Origin,
  refs: readonly string[],
): Promise<{ readonly ids: ReadonlyMap<string, string>; readonly head: string | null }> {
  const args = ['ls-remote', '--quiet', '--symref', '--', origin.location, ...refs];
  const answer = await git.text(origin, { args }).catch((error: unknown) => {
    throw unreadableRefusal(origin, error);
  });
  const ids = new Map<string, string>();
  let head: string | null = null;
  for (const line of answer.split('\n')) {
    const [value = '', ref = ''] = line.split('\t');
    if (ref === '' || (refs.length > 0 && !refs.includes(ref))) continue;
    if (!value.startsWith('ref: ')) ids.set(ref, value);
    else if (ref === 'HEAD') head = value.slice('ref: '.length);
  }
  return { ids, head };
}

/** The refusal for an origin that git failed to read; other errors are returned as they are. */
export function unreadableRefusal(origin: Origin, error: unknown): unknown {
  if (!(error instanceof GitError)) return error;
  const where = withoutCredentials(origin.location);
  const said = lastWords(error.stderr);
  return new GitRefusal(
    `${where} cannot be read: ${said}.`,
    `See that this works: git ls-remote ${shellQuoted(where)}`,
  );
}

/** Why the other side refused a push, with what its hooks said. */
export function rejectionOf(answer: string, stderr: string): string {
  const said = /\[(?:remote )?rejected\] \((.*)\)/.exec(answer)?.[1] ?? lastWords(stderr);
  const hook = [...stderr.matchAll(/^remote: (.*\S)\s*$/gm)].map((match) => match[1]).join(' ');
  return `${said}${hook === '' ? '' : ` (${hook})`}`;
}

/** The line of git's complaint that says most. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const line =
    lines.find((text) => /^(fatal|error|remote: error):/.test(text)) ??
    lines.find((text) => text !== '') ??
    'no reason given';
  return line.replace(/^(fatal|error): /, '').replace(/\.$/, '');
}

function detachedRefusal(origin: Origin): GitRefusal {
  const where = withoutCredentials(origin.location);
  const switchTo = origin.local ? `, or check one out: git -C ${shellQuoted(where)} switch <branch>` : '';
  return new GitRefusal(`HEAD of ${where} is on no branch.`, `Name the branch to start from${switchTo}.`);
}

async function missingRefusal(git: OriginGit, origin: Origin, name: string | null): Promise<GitRefusal> {
  const where = withoutCredentials(origin.location);
  const { ids } = await listRefs(git, origin, []);
  if (ids.size === 0) {
    return new GitRefusal(
      `${where} has no commits yet.`,
      'Make a first commit there: git commit --allow-empty -m "First commit".',
    );
  }
  const known = [...ids.keys()]
    .filter((ref) => ref.startsWith('refs/heads/'))
    .map((ref) => ref.slice('refs/heads/'.length));
  const some = known.slice(0, 5).join(', ');
  if (name === null)
    return new GitRefusal(`The current branch of ${where} has no commits.`, `Name another branch: ${some}.`);
  return new GitRefusal(`${where} has no branch or tag ${name}.`, `Name one of its branches: ${some}.`);
}
