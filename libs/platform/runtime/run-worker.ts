import { NestFactory } from '@nestjs/core';
import type { DynamicModule } from '@nestjs/common';
import { Upkeep } from '#engine/upkeep/upkeep.js';
import { readConfig } from '../config/config.js';
import { secretsOf } from '../config/secrets.js';
import { superviseChild } from '../supervisor/child.js';
import { createLogger, NestLogger } from './logger.js';
import { openRuntime, type Runtime } from './runtime.js';

/** The whole life of a worker process: settings, connections, processors, and a graceful end. */
export async function runWorker(
  service: string,
  moduleOf: (runtime: Runtime) => DynamicModule,
): Promise<void> {
  const config = readConfig();
  const logger = createLogger(config, service, secretsOf(config));
  const runtime = await openRuntime(config, logger, service);
  const app = await NestFactory.createApplicationContext(moduleOf(runtime), {
    logger: new NestLogger(logger),
  });
  const stopUpkeep = new Upkeep(runtime.deps, ['mirrors'], config.upkeepMs).start();
  const child = superviseChild({
    async onStop() {
      stopUpkeep();
      await app.close();
    },
  });
  logger.info({}, 'ready');
  child.ready();
}
