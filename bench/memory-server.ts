import 'reflect-metadata';
import { Controller, Get, Header, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { installGate } from '#platform/auth/gate.js';
import { createHttpAdapter } from '#platform/http/server.js';

/** The baseline of the API's benchmark: its server, with a route that has its answer in memory. */

const body = await new Promise<string>((resolve) =>
  process.once('message', (message) => resolve((message as { body: string }).body)),
);

@Controller('memory')
class MemoryController {
  @Get()
  @Header('content-type', 'application/json; charset=utf-8')
  read(): string {
    return body;
  }
}

@Module({ controllers: [MemoryController] })
class MemoryModule {}

const adapter = createHttpAdapter();
const app = await NestFactory.create<NestFastifyApplication>(MemoryModule, adapter, { logger: false });
installGate(adapter.getInstance(), 'x'.repeat(43));
await app.listen(0, '127.0.0.1');
const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
process.once('disconnect', () => void app.close());
process.send?.({ url: `${url}/memory` });
