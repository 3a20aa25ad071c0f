import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Reconciler } from '#engine/work/reconcile.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';

/** Keeps plans going from boot to shutdown. */
@Injectable()
export class ReconcilerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stop: () => void = () => {};

  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {}

  onApplicationBootstrap(): void {
    this.stop = new Reconciler(this.runtime.deps).start();
  }

  beforeApplicationShutdown(): void {
    this.stop();
  }
}
