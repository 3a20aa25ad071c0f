/**
 * What a process may reach: nothing; what this machine reaches, its own loopback services included; or the hosts of a
 * list, by a proxy that leads nowhere else.
 */
export type NetworkAccess = 'off' | 'allow' | { readonly hosts: readonly string[] };

/** What a kind of process is granted. */
export interface ProcessPolicy {
  readonly kind: 'command' | 'check' | 'setup' | 'agent';
  readonly network: NetworkAccess;
  /** May it run without isolation, where the machine has none and nobody insists on it? */
  readonly mayRunOpen: boolean;
  /** Does it run without where the person left that to Planwright, although there would be isolation? */
  readonly runsOpen: boolean;
}

/** The one place that says what each kind of process may do. */
export const POLICIES = {
  /** A line from a plan that a person wrote and started, in a checkout: it may run what that holds. */
  command: { kind: 'command', network: 'allow', mayRunOpen: true, runsOpen: false },
  /** The same in an empty folder: nothing but what the person wrote, who could as well have typed it. */
  commandAlone: { kind: 'command', network: 'allow', mayRunOpen: true, runsOpen: true },
  /** A line that a model wrote, wherever it runs. */
  commandOfModel: { kind: 'command', network: 'allow', mayRunOpen: false, runsOpen: false },
  /** Git applies a patch: nothing of the patch, or of the tree, runs. */
  patch: { kind: 'command', network: 'off', mayRunOpen: true, runsOpen: true },
  /** A line from a spec that a person wrote; it runs what a candidate holds. */
  check: { kind: 'check', network: 'off', mayRunOpen: true, runsOpen: false },
  /** Commands that prepare a workspace; a plan may take their network away. */
  setup: { kind: 'setup', network: 'allow', mayRunOpen: true, runsOpen: false },
  /** Whatever a model drives; a run may add the hosts of its model. */
  agent: { kind: 'agent', network: 'off', mayRunOpen: false, runsOpen: false },
} as const satisfies Record<string, ProcessPolicy>;
