import { Body, Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import {
  validateSpecRequest,
  type SpecValidation,
  type SpecView,
  type ValidateSpecRequest,
} from '#contracts/api/plan-specs.js';
import { parseSpec } from '#contracts/spec/parse-spec.js';
import { RepositoryReader } from '#store/queries/repository-reader.js';
import { found } from '../references.js';

@Controller('api/plan-specs')
export class PlanSpecsController {
  constructor(@Inject(RepositoryReader) private readonly reader: RepositoryReader) {}

  @Get(':id')
  async read(@Param('id') id: string): Promise<SpecView> {
    return found(await this.reader.spec(id), 'spec', id);
  }

  @Post('validate')
  @HttpCode(200)
  validate(@Body({ schema: validateSpecRequest }) { yaml }: ValidateSpecRequest): SpecValidation {
    const parsed = parseSpec(yaml);
    if (parsed.ok) return { ok: true, hash: parsed.hash, problems: [] };
    return { ok: false, hash: null, problems: [...parsed.errors] };
  }
}
