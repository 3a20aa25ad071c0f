import { Readable } from 'node:stream';
import { Controller, Get, Param, StreamableFile } from '@nestjs/common';
import { DomainError } from '#domain/domain-error.js';
import { archiveFile } from '#engine/archive/archive-file.js';
import { CommandController } from '../http/command.controller.js';

/** The archive of a plan, streamed from the hub. */
@Controller('api/plans/:plan/archive')
export class PlanArchiveController extends CommandController {
  @Get()
  async read(@Param('plan') reference: string): Promise<StreamableFile> {
    const planId = await this.references.planId(reference);
    const { number, status, repository } = await this.references.plan(planId);
    const at = { repositoryId: repository.id, planId };
    const file = status === 'archived' ? await archiveFile(this.deps.git.archives, at) : null;
    if (file === null) {
      throw new DomainError('conflict', `Plan ${number} is ${status}; there is no archive of it.`, {
        remedy: status === 'archiving' ? 'Ask again in a moment.' : 'Archive it first.',
      });
    }
    return new StreamableFile(Readable.from(file.content, { objectMode: false }), {
      type: 'application/x-tar',
      disposition: `attachment; filename="plan-${number}.planwright-archive"`,
      length: file.size,
    });
  }
}
