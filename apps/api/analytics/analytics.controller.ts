import { Controller, Get, Inject, Query } from '@nestjs/common';
import { analyticsQuery, type AnalyticsQuery, type AnalyticsView } from '#contracts/api/analytics.js';
import { AnalyticsReader } from '#store/queries/analytics-reader.js';
import { RepositoryReader } from '#store/queries/repository-reader.js';
import { found, References } from '../references.js';

/** What attempts came to. */
@Controller('api/analytics')
export class AnalyticsController {
  constructor(
    @Inject(AnalyticsReader) private readonly reader: AnalyticsReader,
    @Inject(References) private readonly references: References,
    @Inject(RepositoryReader) private readonly repositories: RepositoryReader,
  ) {}

  @Get()
  async read(@Query({ schema: analyticsQuery }) query: AnalyticsQuery): Promise<AnalyticsView> {
    const { by, plan, repository, from, to } = query;
    if (repository !== undefined)
      found(await this.repositories.repository(repository), 'repository', repository);
    const planId = plan === undefined ? undefined : await this.references.planId(plan);
    return this.reader.analytics({ by, planId, repositoryId: repository, from, to });
  }
}
