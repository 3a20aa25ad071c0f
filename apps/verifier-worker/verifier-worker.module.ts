import { Module, type DynamicModule } from '@nestjs/common';
import type { VerifierDeps } from '#engine/deps.js';
import { RuntimeModule } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { StrengthService } from './strength.service.js';
import { VERIFIER_DEPS } from './tokens.js';
import { VerificationProcessor } from './verification.processor.js';

@Module({})
export class VerifierWorkerModule {
  static with(runtime: Runtime, deps: VerifierDeps): DynamicModule {
    return {
      module: VerifierWorkerModule,
      imports: [RuntimeModule.with(runtime)],
      providers: [{ provide: VERIFIER_DEPS, useValue: deps }, VerificationProcessor, StrengthService],
    };
  }
}
