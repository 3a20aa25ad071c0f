import { mkdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '#domain/plan/decision.js';
import { fenceRef } from '#git/hub.js';
import { openQueueBackend } from '#queue/open-queue-backend.js';
import { BullQueue } from '#queue/queue-adapter.js';
import { flushRedis } from '../queues.js';
import { SERVICES, type Fault, type ServiceName } from './scenario.js';
import type { ChaosStack } from './stack.js';

/** The plan whose moment it was. */
export interface FaultTarget {
  readonly planId: string;
  readonly repositoryId: string;
  readonly branch: string;
}

const LONG_AGO_S = 3_600;
/** Beyond what the engine counts: the id of the job is then a new one. */
const FIRST_DUPLICATE = 1_000_000;

const OPEN_ROWS = `
  SELECT 'execute' AS stage, id FROM task_attempts WHERE plan_id = $1 AND status IN ('queued', 'running', 'executed')
  UNION ALL SELECT 'verify', id FROM verification_runs WHERE plan_id = $1
  UNION ALL SELECT 'integrate', id FROM integrations WHERE plan_id = $1`;

/** Makes things go wrong. What was stopped goes on, and what was killed is started again, by itself. */
export class Faults {
  private readonly frozen = new Set<Promise<void>>();
  private duplicates = FIRST_DUPLICATE;

  constructor(private readonly stack: ChaosStack) {}

  async inject(fault: Fault, target: FaultTarget): Promise<void> {
    switch (fault.kind) {
      case 'kill':
      case 'terminate':
        this.signal(fault.service, fault.kind === 'kill' ? 'SIGKILL' : 'SIGTERM');
        return;
      case 'freeze':
        return this.freeze([fault.service], fault.ms);
      case 'freeze-all':
        return this.freeze(SERVICES, fault.ms);
      case 'kill-all':
        for (const service of SERVICES) this.signal(service, 'SIGKILL');
        return;
      case 'kill-postgres':
        return this.stack.killServer('postgres');
      case 'kill-redis':
        return this.stack.killServer('redis');
      case 'flush-redis':
        return flushRedis(this.stack.queue.url);
      case 'duplicate':
        return this.duplicate(target.planId);
      case 'stale-lock':
        return this.leaveLock(target, fault.ref);
    }
  }

  /** Resolves when nothing is stopped any more. */
  async over(): Promise<void> {
    await Promise.all(this.frozen);
  }

  private signal(name: ServiceName, signal: NodeJS.Signals): number | undefined {
    return this.stack.services.get(name)?.signal(signal);
  }

  private freeze(names: readonly ServiceName[], ms: number): void {
    const pids = names.flatMap((name) => this.signal(name, 'SIGSTOP') ?? []);
    const thawed = sleep(ms).then(() => {
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGCONT');
        } catch {
          // It was killed while it was stopped.
        }
      }
      this.frozen.delete(thawed);
    });
    this.frozen.add(thawed);
  }

  private async duplicate(planId: string): Promise<void> {
    const rows = await this.stack.sql.rows<{ stage: Stage; id: string }>(OPEN_ROWS, [planId]);
    const backend = await openQueueBackend(this.stack.queue, () => {});
    const queue = new BullQueue(backend);
    try {
      for (const row of rows) await queue.deliver({ ...row, planId, delivery: (this.duplicates += 1) });
    } finally {
      await queue.close();
      await backend.close();
    }
  }

  private async leaveLock({ planId, repositoryId, branch }: FaultTarget, ref: 'branch' | 'fence') {
    const name = ref === 'branch' ? `refs/heads/${branch}` : fenceRef(planId);
    const lock = path.join(this.stack.home.hubs, `${repositoryId}.git`, `${name}.lock`);
    await mkdir(path.dirname(lock), { recursive: true });
    await writeFile(lock, '', { flag: 'wx' }).catch(() => undefined);
    const then = Date.now() / 1_000 - LONG_AGO_S;
    await utimes(lock, then, then).catch(() => undefined);
  }
}
