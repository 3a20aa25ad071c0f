/** What a child of the supervisor says when it can do its work. */
export interface ReadyMessage {
  readonly type: 'ready';
  /** Where it answers, for the service that people talk to. */
  readonly url?: string;
}

export interface SuperviseChildOptions {
  /** Finishes or gives back what is in hand and closes connections; called once. */
  readonly onStop: () => Promise<void>;
  /** After this the process ends even though `onStop` did not: nobody else would end an orphan. */
  readonly graceMs?: number;
}

export interface SupervisedChild {
  /** Tells the supervisor that this service works; without a supervisor it does nothing. */
  ready(info?: { readonly url?: string }): void;
}

const DEFAULT_GRACE_MS = 15_000;

/** The environment variable by which a supervisor marks its children. */
export const SUPERVISED = 'PLANWRIGHT_SUPERVISED';

/**
 * Gives a service's main file its manners: SIGTERM stops it, so does a supervisor that vanished. Ctrl-C is the
 * supervisor's business when there is one, else it stops the service, and a second one ends it at once.
 */
export function superviseChild({
  onStop,
  graceMs = DEFAULT_GRACE_MS,
}: SuperviseChildOptions): SupervisedChild {
  const supervised = process.env[SUPERVISED] === '1';
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), graceMs).unref();
    onStop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  process.on('SIGINT', () => {
    if (supervised) return;
    if (stopping) process.exit(130);
    stop();
  });
  process.on('disconnect', stop);
  // The supervisor may have died while this process was still loading its modules.
  if (supervised && !process.connected) stop();
  return { ready: (info = {}) => sendIfConnected({ type: 'ready', ...info }) };
}

function sendIfConnected(message: ReadyMessage): void {
  // Between the look and the sending the supervisor may go: 'disconnect' then says so.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}
