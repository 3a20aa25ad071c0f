import { mkdtemp, rm, stat, writeFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { takenFault, type Fault } from '#platform/crash/crash-at.js';
import { until } from './running-demo.js';

/** The file by which a test tells a running stack where one of its processes has to die or stand still. */
export class FaultFile {
  private constructor(private readonly folder: string) {}

  static async create(): Promise<FaultFile> {
    return new FaultFile(await mkdtemp(path.join(tmpdir(), 'planwright-fault-')));
  }

  /** What the stack is started with. */
  get env(): { readonly PLANWRIGHT_CRASH_AT: string } {
    return { PLANWRIGHT_CRASH_AT: this.file };
  }

  /** From now on the first process that reaches the point suffers it. */
  async set(fault: Fault): Promise<void> {
    await rm(takenFault(this.file), { force: true });
    await writeFile(`${this.file}.new`, JSON.stringify(fault));
    await rename(`${this.file}.new`, this.file);
  }

  /** Waits until it has happened. @returns when, in milliseconds of this machine's clock */
  taken(): Promise<number> {
    return until('the fault', () =>
      stat(takenFault(this.file)).then(
        ({ ctimeMs }) => ctimeMs,
        () => null,
      ),
    );
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private get file(): string {
    return path.join(this.folder, 'fault.json');
  }
}
