import { spawn } from 'node:child_process';

/** One run of git, as it can be sent to another process. */
export interface GitRequest {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string | Buffer | undefined;
}

export interface GitEnd {
  readonly code: number;
  readonly stderr: Buffer;
}

/** Carries one run out to its end, handing on the output piece by piece. */
export type CarryOutGit = (request: GitRequest, onOutput: (piece: Buffer) => void) => Promise<GitEnd>;

/** Runs git as a child of this process. Rejects when it cannot be started. */
export const runGit: CarryOutGit = async ({ args, cwd, env, stdin }, onOutput) => {
  const child = spawn('git', [...args], { cwd, env, stdio: 'pipe' });
  const err: Buffer[] = [];
  child.stdout.on('data', onOutput);
  child.stderr.on('data', (piece: Buffer) => err.push(piece));
  // A command may end before it has read all of its input; its exit code tells the rest.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? (signal === null ? -1 : 128)));
  });
  return { code, stderr: Buffer.concat(err) };
};
