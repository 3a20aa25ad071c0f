import { Body, Controller, Get, Inject, Param, Patch, Post } from '@nestjs/common';
import {
  registerRepositoryRequest,
  updateRepositoryRequest,
  type RegisterRepositoryRequest,
  type RepositoryList,
  type RepositoryView,
  type UpdateRepositoryRequest,
} from '#contracts/api/repositories.js';
import { limitRepository } from '#engine/commands/limit-repository.command.js';
import { registerRepository } from '#engine/commands/register-repository.command.js';
import { RUNTIME } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { RepositoryReader } from '#store/queries/repository-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { found } from '../references.js';
import { OWNER_ID } from '../tokens.js';

@WithRepeatableAnswers()
@Controller('api/repositories')
export class RepositoriesController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(RepositoryReader) private readonly reader: RepositoryReader,
    @Inject(OWNER_ID) private readonly actorId: string,
  ) {}

  @Get()
  async list(): Promise<RepositoryList> {
    return { items: await this.reader.repositories() };
  }

  @Post()
  async register(
    @Body({ schema: registerRepositoryRequest }) { origin }: RegisterRepositoryRequest,
  ): Promise<RepositoryView> {
    const { id } = await registerRepository(this.runtime.deps, { origin, actorId: this.actorId });
    return found(await this.reader.repository(id), 'repository', id);
  }

  @Get(':id')
  async read(@Param('id') id: string): Promise<RepositoryView> {
    return found(await this.reader.repository(id), 'repository', id);
  }

  @Patch(':id')
  async update(
    @Param('id') id: string,
    @Body({ schema: updateRepositoryRequest }) { maxTasks }: UpdateRepositoryRequest,
  ): Promise<RepositoryView> {
    const { id: repositoryId } = found(await this.reader.repository(id), 'repository', id);
    await limitRepository(this.runtime.deps, { repositoryId, maxTasks });
    return found(await this.reader.repository(id), 'repository', id);
  }
}
