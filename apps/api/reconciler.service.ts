import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Upkeep } from '#engine/upkeep/upkeep.js';
import { Deliverer } from '#engine/work/deliver.js';
import { Notifier } from '#engine/work/notify.js';
import { Reconciler } from '#engine/work/reconcile.js';
import { createNotifyCommand } from '#platform/notify/notify-command.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';

/** Keeps plans going, and people told, from boot to shutdown. */
@Injectable()
export class ReconcilerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stops: readonly (() => void)[] = [];

  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {}

  onApplicationBootstrap(): void {
    const { deps, config } = this.runtime;
    const { notify: command, home: cwd } = config;
    const notices = command === '' ? null : createNotifyCommand({ command, cwd });
    this.stops = [
      new Reconciler(deps).start(),
      new Notifier(deps, notices).start(),
      new Deliverer(deps).start(),
      new Upkeep(deps, ['hubs', 'mirrors'], config.upkeepMs).start(),
    ];
  }

  beforeApplicationShutdown(): void {
    this.stops.forEach((stop) => stop());
  }
}
