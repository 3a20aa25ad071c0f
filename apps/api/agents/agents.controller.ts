import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import {
  createAgentRequest,
  listAgentsQuery,
  updateAgentRequest,
  type AgentList,
  type AgentView,
  type CreateAgentRequest,
  type ListAgentsQuery,
  type UpdateAgentRequest,
} from '#contracts/api/agents.js';
import { noBody } from '#contracts/api/edit.js';
import { archiveProfile } from '#engine/commands/archive-profile.command.js';
import { createProfile } from '#engine/commands/create-profile.command.js';
import { restoreProfile } from '#engine/commands/restore-profile.command.js';
import { updateProfile } from '#engine/commands/update-profile.command.js';
import { writtenExecutor } from '#engine/executors.js';
import type { StoredProfile } from '#engine/ports/profile.port.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { CommandController } from '../http/command.controller.js';
import { found } from '../references.js';

@WithRepeatableAnswers()
@Controller('api/agents')
export class AgentsController extends CommandController {
  @Get()
  async list(@Query({ schema: listAgentsQuery }) query: ListAgentsQuery): Promise<AgentList> {
    return { items: (await this.deps.store.profiles.list(query)).map(toView) };
  }

  @Post()
  async create(@Body({ schema: createAgentRequest }) body: CreateAgentRequest): Promise<AgentView> {
    await createProfile(this.deps, body);
    return this.read(body.slug);
  }

  @Get(':slug')
  async read(@Param('slug') slug: string): Promise<AgentView> {
    return toView(found(await this.deps.store.profiles.find(slug), 'profile', slug));
  }

  @Patch(':slug')
  async update(
    @Param('slug') slug: string,
    @Body({ schema: updateAgentRequest }) body: UpdateAgentRequest,
  ): Promise<AgentView> {
    await updateProfile(this.deps, slug, body);
    return this.read(slug);
  }

  @Post(':slug/archive')
  @HttpCode(200)
  async archive(@Param('slug') slug: string, @Body({ schema: noBody }) _: object): Promise<AgentView> {
    await archiveProfile(this.deps, slug);
    return this.read(slug);
  }

  @Post(':slug/restore')
  @HttpCode(200)
  async restore(@Param('slug') slug: string, @Body({ schema: noBody }) _: object): Promise<AgentView> {
    await restoreProfile(this.deps, slug);
    return this.read(slug);
  }
}

function toView({ id: _, executor, createdAt, updatedAt, ...profile }: StoredProfile): AgentView {
  const { capabilities, constraints, tools } = profile;
  const { writes, forbids, commands } = constraints;
  return {
    ...profile,
    capabilities: [...capabilities],
    executor: writtenExecutor(executor),
    constraints: {
      ...constraints,
      writes: [...writes],
      forbids: [...forbids],
      commands: commands === null ? null : [...commands],
    },
    tools: tools === null ? null : [...tools],
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
