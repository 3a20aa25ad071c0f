import { rm } from 'node:fs/promises';
import { runProcess } from '#sandbox/process-runner.js';

/**
 * Whole trees are copied, measured and re-moded by the tools of the system: for tens of thousands of small files they
 * take a third of the time, and they neither follow links nor read what they copy into this process.
 */
export class FileTools {
  /** @param path PATH by which the tools are found */
  constructor(private readonly path: string) {}

  /** Copies a folder with modes, times and links, sharing blocks where the file system can. `to` must not exist. */
  async copy(from: string, to: string, signal: AbortSignal): Promise<void> {
    const share = process.platform === 'linux' ? ['--reflink=auto'] : ['-c'];
    await this.run(['cp', '-a', ...share, '--', from, to], signal);
  }

  /** Gives all below a folder to its owner's use. */
  async makeWritable(folder: string, signal?: AbortSignal): Promise<void> {
    await this.run(['chmod', '-R', 'u+rwX', '--', folder], signal);
  }

  /** Takes the right to write away from all below a folder. */
  async makeReadOnly(folder: string, signal?: AbortSignal): Promise<void> {
    await this.run(['chmod', '-R', 'a-w', '--', folder], signal);
  }

  /** What a folder takes on the disk. */
  async kilobytes(folder: string, signal?: AbortSignal): Promise<number> {
    return Number.parseInt(await this.run(['du', '-sk', '--', folder], signal), 10);
  }

  /** Removes a folder, read-only ones in it too. */
  async remove(folder: string): Promise<void> {
    try {
      await rm(folder, { recursive: true, force: true });
    } catch {
      await this.makeWritable(folder);
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async run(argv: [string, ...string[]], signal?: AbortSignal): Promise<string> {
    const result = await runProcess({
      run: { argv },
      cwd: '/',
      folders: [],
      env: { PATH: this.path, LC_ALL: 'C' },
      timeoutMs: TIMEOUT_MS,
      outputLimitBytes: OUTPUT_LIMIT,
      ...(signal === undefined ? {} : { signal }),
    });
    if (result.kind === 'aborted') throw signal?.reason;
    if (result.kind === 'exited' && result.exitCode === 0) return result.output;
    const why = result.kind === 'not_started' ? result.reason : result.output.trim();
    throw new Error(`${argv[0]} failed (${result.kind}): ${why}`);
  }
}

const TIMEOUT_MS = 600_000;
const OUTPUT_LIMIT = 1_000_000;
