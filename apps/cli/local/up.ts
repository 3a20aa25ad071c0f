import { EXIT, type ExitCode } from '../exit-codes.js';
import { listenForStop } from '#platform/supervisor/stop-signals.js';
import { StackStoppedError } from '#platform/supervisor/supervisor.js';
import { openStack } from './stack.js';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

export interface UpOptions {
  /** False: the API alone, for workers of other hosts. */
  readonly workers: boolean;
}

/** `planwright up`: the stack until Ctrl-C. @returns the exit code */
export async function up({ workers }: UpOptions): Promise<ExitCode> {
  const signals = listenForStop();
  try {
    say('Starting Planwright …');
    const stack = await openStack({ log: say, stop: signals.stop, hurry: signals.hurry, workers });
    if (stack.own === null) {
      say(`Planwright runs already at ${stack.url}. Its data is in ${stack.home.root}.`);
      return EXIT.failed;
    }
    say(`Planwright runs at ${stack.url}. Its data is in ${stack.home.root}. Ctrl-C ends it.`);
    await aborted(signals.stop);
    say('Stopping …');
    await stack.own.stop();
    return EXIT.ok;
  } catch (error) {
    if (error instanceof StackStoppedError) return EXIT.interrupted;
    throw error;
  } finally {
    signals.dispose();
  }
}

export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
