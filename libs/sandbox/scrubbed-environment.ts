export interface ScrubbedEnvironmentInput {
  /** The only search path; nothing of the host's own is added. */
  readonly path: string;
  /** A throw-away folder. */
  readonly home: string;
  /** A throw-away folder. */
  readonly tmp: string;
  /** What the process is to know on purpose; it wins over the defaults. */
  readonly extra?: Readonly<Record<string, string>>;
}

/** The whole environment of an untrusted process. It is built up from nothing, so that no secret can be inherited. */
export function scrubbedEnvironment(input: ScrubbedEnvironmentInput): Record<string, string> {
  return {
    PATH: input.path,
    HOME: input.home,
    TMPDIR: input.tmp,
    LANG: 'C.UTF-8',
    CI: 'true',
    NO_COLOR: '1',
    TERM: 'dumb',
    GIT_TERMINAL_PROMPT: '0',
    ...input.extra,
  };
}
