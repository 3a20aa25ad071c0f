import { Controller, Get, Inject } from '@nestjs/common';
import type { Health } from '#contracts/api/health.js';
import { DomainError } from '#domain/domain-error.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';

@Controller('api/health')
export class HealthController {
  constructor(@Inject(RUNTIME) private readonly runtime: Runtime) {}

  @Get()
  async check(): Promise<Health> {
    try {
      await this.runtime.database.$queryRaw`SELECT 1`;
    } catch {
      throw new DomainError('unavailable', 'The database does not answer.');
    }
    return { status: 'ok', sandbox: this.runtime.sandbox.state };
  }
}
