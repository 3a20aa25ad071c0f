import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Notice, NoticePort } from '#engine/ports/notice.port.js';
import { runProcess, type ProcessResult } from '#sandbox/process-runner.js';
import { splitCommand } from './command-line.js';

const TIMEOUT_MS = 30_000;
const OUTPUT_LIMIT = 1_000_000;
/** What goes to the log of what the command said. */
const TAIL_BYTES = 2_048;
/** Not the command's business. */
const KEPT_BACK = ['DATABASE_URL', 'ANTHROPIC_API_KEY', 'PLANWRIGHT_SUPERVISED'];

export interface NotifyConfig {
  /** A program with arguments, or the path of one. */
  readonly command: string;
  /** Where it runs. */
  readonly cwd: string;
  readonly timeoutMs?: number;
}

/**
 * Tells people by a command of theirs: a trusted one, with their environment, but ended like any other when its time
 * is over. The notice is on its standard input; exit code 0 means that it was told.
 */
export function createNotifyCommand(config: NotifyConfig, env: NodeJS.ProcessEnv = process.env): NoticePort {
  const timeoutMs = config.timeoutMs ?? TIMEOUT_MS;
  return {
    async send(notice, signal) {
      const argv = await argvOf(config.command);
      const result = await runProcess({
        run: { argv },
        cwd: config.cwd,
        folders: [],
        env: environmentFor(notice, env),
        timeoutMs,
        outputLimitBytes: OUTPUT_LIMIT,
        tailBytes: TAIL_BYTES,
        stdin: `${JSON.stringify(notice)}\n`,
        signal,
      });
      const sent = result.kind === 'exited' && result.exitCode === 0;
      return { sent, said: sent ? result.output : whatWentWrong(result, timeoutMs) };
    },
  };
}

/** What is wrong with a command that is to tell people; null when it can be started. */
export async function notifyProblem(command: string, searchPath: string): Promise<string | null> {
  const [program] = await argvOf(command);
  const places = program.includes('/') ? [''] : searchPath.split(path.delimiter);
  for (const place of places) {
    const file = path.resolve(place, program);
    const isFile = await stat(file).then(
      (stats) => stats.isFile(),
      () => false,
    );
    if (!isFile) continue;
    return access(file, constants.X_OK).then(
      () => null,
      () => `${file} is not executable`,
    );
  }
  return `${program} is not there`;
}

/** A path may have blanks in it: what names a file is one word. */
async function argvOf(command: string): Promise<[string, ...string[]]> {
  const isFile = await stat(command).then(
    (stats) => stats.isFile(),
    () => false,
  );
  return isFile ? [command] : (splitCommand(command) ?? [command]);
}

function environmentFor(notice: Notice, env: NodeJS.ProcessEnv): Record<string, string> {
  const known = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !KEPT_BACK.includes(entry[0]),
  );
  return { ...Object.fromEntries(known), PLANWRIGHT_EVENT: notice.event };
}

function whatWentWrong(result: ProcessResult, timeoutMs: number): string {
  if (result.kind === 'not_started') return `it could not start: ${result.reason}`;
  const how = {
    exited:
      result.kind === 'exited' && result.exitCode !== null
        ? `it ended with exit code ${result.exitCode}`
        : 'it was killed',
    timed_out: `it took longer than ${timeoutMs / 1_000} s`,
    output_limit: 'it wrote too much',
    limit_exceeded: result.kind === 'limit_exceeded' ? `it used ${result.limit.message}` : '',
    aborted: 'it was stopped',
  }[result.kind];
  return result.output.trim() === '' ? how : `${how}: ${result.output.trim()}`;
}
