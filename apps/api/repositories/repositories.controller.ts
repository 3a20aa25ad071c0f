import { Body, Controller, Get, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { analogousQuery, type AnalogousRequest, type AnalogousView } from '#contracts/api/analogous.js';
import {
  listRepositoriesQuery,
  registerRepositoryRequest,
  updateRepositoryRequest,
  type ListRepositoriesQuery,
  type RegisterRepositoryRequest,
  type RepositoryPage,
  type RepositoryView,
  type UpdateRepositoryRequest,
} from '#contracts/api/repositories.js';
import { limitRepository } from '#engine/commands/limit-repository.command.js';
import { registerRepository } from '#engine/commands/register-repository.command.js';
import type { DeclarationsPort } from '#engine/ports/declarations.port.js';
import { findAnalogous } from '#engine/queries/find-analogous.js';
import { nextLink } from '#platform/http/next-link.js';
import { RepositoryReader } from '#store/queries/repository-reader.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';
import { FACTS } from '../tokens.js';

@WithRepeatableAnswers()
@Controller('api/repositories')
export class RepositoriesController extends CommandController {
  @Inject(RepositoryReader) private readonly reader!: RepositoryReader;
  @Inject(FACTS) private readonly declarations!: DeclarationsPort;

  @Get()
  async list(
    @Query({ schema: listRepositoriesQuery }) query: ListRepositoriesQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RepositoryPage> {
    const page = await this.reader.repositories(query);
    if (page.nextCursor !== null) reply.header('link', nextLink('/api/repositories', query, page.nextCursor));
    return page;
  }

  @Post()
  async register(
    @Body({ schema: registerRepositoryRequest }) { origin }: RegisterRepositoryRequest,
  ): Promise<RepositoryView> {
    const { id } = await registerRepository(this.deps, { origin, actorId: this.actorId });
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
    await limitRepository(this.deps, { repositoryId, maxTasks });
    return found(await this.reader.repository(id), 'repository', id);
  }

  @Get(':id/analogous')
  async analogous(
    @Param('id') id: string,
    @Query({ schema: analogousQuery }) { ref, ...query }: AnalogousRequest,
  ): Promise<AnalogousView> {
    const { id: repositoryId, origin } = found(await this.reader.repository(id), 'repository', id);
    const deps = { git: this.deps.git, declarations: this.declarations };
    const { commit, items } = await findAnalogous(deps, { ...query, repositoryId, origin, ref: ref ?? null });
    return { commit, items: [...items] };
  }
}
