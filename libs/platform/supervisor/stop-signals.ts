/** A Ctrl-C reaches us from the terminal and again through npm and our own launcher: that is one wish, not two. */
const SAME_WISH_MS = 1000;

export interface StopSignals {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly stop: AbortSignal;
  /** Aborted when the person asks a second time. */
  readonly hurry: AbortSignal;
  /** Gives the signals back their usual meaning. */
  dispose(): void;
}

/** Turns the signals that end a program into two wishes: stop in order, and stop now. */
export function listenForStop(): StopSignals {
  const stop = new AbortController();
  const hurry = new AbortController();
  let first = 0;
  const onSignal = () => {
    if (!stop.signal.aborted) {
      first = performance.now();
      stop.abort();
    } else if (performance.now() - first > SAME_WISH_MS) {
      hurry.abort();
    }
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    dispose: () => names.forEach((name) => process.removeListener(name, onSignal)),
  };
}
