import { Controller, Get, Inject, Query } from '@nestjs/common';
import { spendQuery, type SpendQuery, type SpendView } from '#contracts/api/spend.js';
import { SpendReader } from '#store/queries/spend-reader.js';

/** What calls of models cost. */
@Controller('api/spend')
export class SpendController {
  constructor(@Inject(SpendReader) private readonly reader: SpendReader) {}

  @Get()
  read(@Query({ schema: spendQuery }) { days }: SpendQuery): Promise<SpendView> {
    return this.reader.spend(days);
  }
}
