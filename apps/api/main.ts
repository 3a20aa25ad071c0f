import '#platform/runtime/heap-growth.js';
import 'reflect-metadata';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { z } from 'zod';
import { issuesToProblems } from '#contracts/problems.js';
import { DomainError } from '#domain/domain-error.js';
import { createStarterProfiles } from '#engine/commands/create-profile.command.js';
import { createFacts } from '#facts/facts-adapter.js';
import { HubServer } from '#git/hub-server.js';
import { installGate } from '#platform/auth/gate.js';
import { readConfig } from '#platform/config/config.js';
import { secretsOf } from '#platform/config/secrets.js';
import { ProblemFilter } from '#platform/errors/problem.filter.js';
import { homeAt } from '#platform/home/home.js';
import { installSigningKey } from '#platform/home/signing-key.js';
import { installToken, installWorkerToken } from '#platform/home/token.js';
import { createHttpAdapter } from '#platform/http/server.js';
import { createLogger, NestLogger } from '#platform/runtime/logger.js';
import { openRuntime } from '#platform/runtime/runtime.js';
import { superviseChild } from '#platform/supervisor/child.js';
import { EventFeed } from '#store/queries/event-feed.js';
import { JobReader } from '#store/queries/job-reader.js';
import { watchRoutes } from './about/route-check.js';
import { ApiModule } from './api.module.js';
import { installHub } from './hub/hub-routes.js';
import { installJobBoard } from './jobs/job-board.js';

const FACTS_MEMORY = 32 * 1024 * 1024;

const config = readConfig();
const logger = createLogger(config, 'api', secretsOf(config));
const runtime = await openRuntime(config, logger, 'api');
const feed = new EventFeed(config.databaseUrl, (error) => logger.warn({ err: error }, 'event feed'));
await feed.open();
const ownerId = await runtime.deps.store.builtInActor('user');
await createStarterProfiles(runtime.deps);

// Whoever asks for patterns must not hold up the others: files are parsed on threads.
const facts = createFacts({
  maxMemoryBytes: FACTS_MEMORY,
  disk: { folder: path.join(runtime.workerHome, 'facts') },
  threads: {
    script: path.join(import.meta.dirname, '../../libs/facts/extract/extract-worker.js'),
    count: availableParallelism(),
  },
});
const adapter = createHttpAdapter();
const checkRoutes = watchRoutes(adapter.getInstance());
const app = await NestFactory.create<NestFastifyApplication>(
  ApiModule.with(runtime, feed, ownerId, facts),
  adapter,
  {
    logger: new NestLogger(logger),
  },
);
const server = adapter.getInstance();
const home = homeAt(config.home);
await installSigningKey(home);
const user = await installToken(home);
const worker = config.workerToken ?? (await installWorkerToken(home));
installGate(server, user, { workerToken: worker, allowedHosts: config.allowedHosts });
const hubs = new HubServer({
  home: runtime.workerHome,
  hubBase: config.hubBase,
  path: config.path,
  bodyLimitBytes: config.hubLimitBytes,
  concurrency: config.hubConcurrency,
});
installHub(server, hubs, { worker, user }, logger);
const closeBoard = installJobBoard(server, runtime.backend, new JobReader(runtime.database));
app.useGlobalFilters(new ProblemFilter(logger));
app.useGlobalPipes(new StandardSchemaValidationPipe({ exceptionFactory: toDomainError }));

const child = superviseChild({ onStop: () => closeBoard().then(() => app.close()) });
await app.init();
checkRoutes();
await app.listen(config.apiPort, config.listen);
const url = (await app.getUrl()).replace('[::1]', '127.0.0.1').replace('//0.0.0.0:', '//127.0.0.1:');
logger.info({ url }, 'ready');
child.ready({ url });

function toDomainError(issues: readonly unknown[]): DomainError {
  return new DomainError('invalid', 'The request is not valid; nothing was changed.', {
    remedy: 'Correct the fields named. /api/docs says what each request has.',
    problems: issuesToProblems(issues as z.core.$ZodIssue[]),
  });
}
