import { Controller, Get, Inject, Param } from '@nestjs/common';
import type { TaskDetail } from '#contracts/api/plan-tasks.js';
import { WithRepeatableAnswers } from '../http/answers.js';
import { References } from '../references.js';

@WithRepeatableAnswers()
@Controller('api/plan-tasks')
export class PlanTasksController {
  constructor(@Inject(References) private readonly references: References) {}

  @Get(':task')
  async read(@Param('task') reference: string): Promise<TaskDetail> {
    return this.references.task(await this.references.taskPlace(reference));
  }
}
