import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { VerifierDeps } from '#engine/deps.js';
import { StrengthMeasurer } from '#engine/work/measure-strength.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { VERIFIER_DEPS } from './tokens.js';
import { VerificationProcessor } from './verification.processor.js';

/** Measures specs between verdicts, from boot to shutdown. */
@Injectable()
export class StrengthService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private stop: () => void = () => undefined;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(VERIFIER_DEPS) private readonly deps: VerifierDeps,
    @Inject(VerificationProcessor) private readonly verification: VerificationProcessor,
  ) {}

  onApplicationBootstrap(): void {
    const { strengthMs: budgetMs } = this.runtime.config;
    const isBusy = (): boolean => this.verification.isBusy;
    this.stop = new StrengthMeasurer(this.deps, { budgetMs, isBusy }).start();
  }

  beforeApplicationShutdown(): void {
    this.stop();
  }
}
