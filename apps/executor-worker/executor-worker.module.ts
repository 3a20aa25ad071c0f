import { Module, type DynamicModule } from '@nestjs/common';
import type { ExecutorDeps } from '#engine/deps.js';
import type { PlannerDeps } from '#engine/generation/ask-for-plan.js';
import { RuntimeModule } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { ExecutionProcessor } from './execution.processor.js';
import { GenerationProcessor } from './generation.processor.js';
import { IntegrationProcessor } from './integration.processor.js';
import { ReviewProcessor } from './review.processor.js';
import { EXECUTOR_DEPS, PLANNER_DEPS } from './tokens.js';

@Module({})
export class ExecutorWorkerModule {
  static with(runtime: Runtime, deps: ExecutorDeps, planner: PlannerDeps): DynamicModule {
    return {
      module: ExecutorWorkerModule,
      imports: [RuntimeModule.with(runtime)],
      providers: [
        { provide: EXECUTOR_DEPS, useValue: deps },
        { provide: PLANNER_DEPS, useValue: planner },
        ExecutionProcessor,
        IntegrationProcessor,
        GenerationProcessor,
        ReviewProcessor,
      ],
    };
  }
}
