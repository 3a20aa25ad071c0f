import type { GitPort } from '#engine/ports/git.port.js';
import { Workspaces } from '#engine/workspaces.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import { createSetup } from '#setup/setup-adapter.js';
import type { WorkspaceSettings } from '../config/workspace-settings.js';

/** Programs that agents left running must not meet those of checks: each kind of worker has ports of its own. */
const PORTS_PER_WORKER = 2_000;
const WORKERS = ['executor', 'verifier'] as const;

/** Checkouts of one worker, prepared in a cache of its own. */
export function openWorkspaces(input: {
  readonly git: GitPort;
  readonly settings: WorkspaceSettings;
  readonly worker: (typeof WORKERS)[number];
  /** The worker's own folder. */
  readonly home: string;
  /** PATH of the programs that copy and remove. */
  readonly path: string;
  /** What holds the commands of set-ups. */
  readonly sandbox: Sandbox;
}): Workspaces {
  const { git, settings, worker, home, path, sandbox } = input;
  const portBase = settings.portBase + WORKERS.indexOf(worker) * PORTS_PER_WORKER;
  return new Workspaces({ git, setup: createSetup({ ...settings, portBase, home, path, sandbox }) });
}
