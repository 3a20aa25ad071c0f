import type { LoggerService } from '@nestjs/common';
import { pino, type DestinationStream, type Logger } from 'pino';
import { redact } from '#domain/redact.js';
import type { Config } from '../config/config.js';

/**
 * One JSON line per entry on standard output.
 *
 * @param secrets values that no line may hold; what looks like a secret is left out anyway
 */
export function createLogger(
  config: Pick<Config, 'logLevel'>,
  service: string,
  secrets: readonly string[],
  destination: DestinationStream = pino.destination(1),
): Logger {
  return pino(
    {
      level: config.logLevel,
      base: { service },
      hooks: { streamWrite: (line) => redact(line, secrets) },
    },
    destination,
  );
}

/** Nest's own messages, by the same logger. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: string): void {
    this.logger.debug({ context }, String(message));
  }
  error(message: unknown, stack?: string, context?: string): void {
    this.logger.error({ context, stack }, String(message));
  }
  warn(message: unknown, context?: string): void {
    this.logger.warn({ context }, String(message));
  }
}
