import type { Reach } from './crash-points.js';
import type { AgentPort } from './ports/agent.port.js';
import type { ChecksPort } from './ports/checks.port.js';
import type { Clock } from './ports/clock.port.js';
import type { Forge } from './ports/delivery.port.js';
import type { FactsPort } from './ports/facts.port.js';
import type { GitPort } from './ports/git.port.js';
import type { Ids } from './ports/ids.port.js';
import type { LedgerPort } from './ports/ledger.port.js';
import type { Log } from './ports/log.port.js';
import type { QueuePort } from './ports/queue.port.js';
import type { Signer } from './ports/signer.port.js';
import type { SpendPort } from './ports/spend.port.js';
import type { Store } from './ports/store.port.js';
import type { Workspaces } from './workspaces.js';

/** What every command needs. */
export interface EngineDeps {
  readonly store: Store;
  readonly queue: QueuePort;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly leaseMs: number;
  /** Called where a death would hurt most, for the tests that cause it. */
  readonly reach: Reach;
  /** The built-in actor in whose name the machinery acts. */
  readonly systemActorId: string;
}

export interface OriginDeps extends EngineDeps {
  readonly git: GitPort;
  /** Where pull requests are opened. */
  readonly forge: Forge;
  /** What archives are signed with. */
  readonly signer: Signer;
  /** What an archive says of the program that made it: versions of what verdicts depend on. */
  readonly tools: Readonly<Record<string, string>>;
}

export interface ExecutorDeps extends EngineDeps {
  readonly git: GitPort;
  readonly workspaces: Pick<Workspaces, 'open'>;
  readonly agents: AgentPort;
  readonly spend: Pick<SpendPort, 'left' | 'record'>;
}

export interface VerifierDeps extends EngineDeps {
  readonly git: GitPort;
  readonly workspaces: Pick<Workspaces, 'open'>;
  readonly facts: FactsPort;
  readonly checks: ChecksPort;
  readonly ledger: LedgerPort;
}
