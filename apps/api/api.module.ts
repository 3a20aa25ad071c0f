import { Module, type BeforeApplicationShutdown, type DynamicModule, Inject } from '@nestjs/common';
import { RuntimeModule } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { EventFeed } from '#store/queries/event-feed.js';
import { PlanReader } from '#store/queries/plan-reader.js';
import { HealthController } from './health.controller.js';
import { PlansController } from './plans/plans.controller.js';
import { ReconcilerService } from './reconciler.service.js';
import { OWNER_ID } from './tokens.js';

@Module({})
export class ApiModule implements BeforeApplicationShutdown {
  constructor(@Inject(EventFeed) private readonly feed: EventFeed) {}

  static with(runtime: Runtime, feed: EventFeed, ownerId: string): DynamicModule {
    return {
      module: ApiModule,
      imports: [RuntimeModule.with(runtime)],
      controllers: [PlansController, HealthController],
      providers: [
        { provide: PlanReader, useValue: new PlanReader(runtime.database) },
        { provide: EventFeed, useValue: feed },
        { provide: OWNER_ID, useValue: ownerId },
        ReconcilerService,
      ],
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.feed.close();
  }
}
