import { Module, type BeforeApplicationShutdown, type DynamicModule, Inject } from '@nestjs/common';
import type { Facts } from '#facts/facts-adapter.js';
import { RuntimeModule } from '#platform/runtime/runtime.module.js';
import type { Runtime } from '#platform/runtime/runtime.js';
import { IdempotencyKeys } from '#store/idempotency.js';
import { AnalyticsReader } from '#store/queries/analytics-reader.js';
import { AssignmentReader } from '#store/queries/assignment-reader.js';
import { DeliveryReader } from '#store/queries/delivery-reader.js';
import { EventFeed } from '#store/queries/event-feed.js';
import { ExternalReader } from '#store/queries/external-reader.js';
import { IterationReader } from '#store/queries/iteration-reader.js';
import { JudgementReader } from '#store/queries/judgement-reader.js';
import { PlanExporter } from '#store/queries/plan-exporter.js';
import { PlanFinder } from '#store/queries/plan-finder.js';
import { PlanReader } from '#store/queries/plan-reader.js';
import { RepositoryReader } from '#store/queries/repository-reader.js';
import { SessionReader } from '#store/queries/session-reader.js';
import { SnapshotReader } from '#store/queries/snapshot-reader.js';
import { EstimateReader } from '#store/queries/estimate-reader.js';
import { SpendReader } from '#store/queries/spend-reader.js';
import { TaskReader } from '#store/queries/task-reader.js';
import { AgentsController } from './agents/agents.controller.js';
import { AnalyticsController } from './analytics/analytics.controller.js';
import { AssignmentsController } from './assignments/assignments.controller.js';
import { WorkItemsController } from './assignments/work-items.controller.js';
import { DocsController } from './about/docs.controller.js';
import { HealthController } from './about/health.controller.js';
import { EventsController } from './events/events.controller.js';
import { PhasesController } from './phases/phases.controller.js';
import { GenerationController } from './plans/generation.controller.js';
import { IterationsController } from './plans/iterations.controller.js';
import { AuditTurns } from './plans/audit-turns.js';
import { PlanAuditController } from './plans/plan-audit.controller.js';
import { PlanArchiveController } from './plans/plan-archive.controller.js';
import { PlanContractsController } from './plans/plan-contracts.controller.js';
import { PlanReviewsController } from './plans/plan-reviews.controller.js';
import { PlanDeliveriesController } from './plans/plan-deliveries.controller.js';
import { PlanSignalsController } from './plans/plan-signals.controller.js';
import { PlanSnapshotsController } from './plans/plan-snapshots.controller.js';
import { PlanStepsController } from './plans/plan-steps.controller.js';
import { PlansController } from './plans/plans.controller.js';
import { PruneController } from './prune/prune.controller.js';
import { ReconcilerService } from './reconciler.service.js';
import { References } from './references.js';
import { RepositoriesController } from './repositories/repositories.controller.js';
import { PlanEstimateController } from './spend/plan-estimate.controller.js';
import { SpendController } from './spend/spend.controller.js';
import { PlanSpecsController } from './specs/plan-specs.controller.js';
import { ExternalWorkController } from './tasks/external-work.controller.js';
import { JudgementsController } from './tasks/judgements.controller.js';
import { PlanTasksController } from './tasks/plan-tasks.controller.js';
import { SessionsController } from './tasks/sessions.controller.js';
import { TaskHandController } from './tasks/task-hand.controller.js';
import { TaskStepsController } from './tasks/task-steps.controller.js';
import { FACTS, OWNER_ID } from './tokens.js';

const CONTROLLERS = [
  PlansController,
  GenerationController,
  IterationsController,
  PlanStepsController,
  PlanReviewsController,
  PlanSignalsController,
  PlanArchiveController,
  PlanAuditController,
  PlanContractsController,
  PlanDeliveriesController,
  PlanSnapshotsController,
  PhasesController,
  PlanTasksController,
  TaskStepsController,
  TaskHandController,
  ExternalWorkController,
  AssignmentsController,
  WorkItemsController,
  JudgementsController,
  SessionsController,
  RepositoriesController,
  AgentsController,
  PruneController,
  PlanEstimateController,
  SpendController,
  AnalyticsController,
  EventsController,
  PlanSpecsController,
  DocsController,
  HealthController,
];

@Module({})
export class ApiModule implements BeforeApplicationShutdown {
  constructor(
    @Inject(EventFeed) private readonly feed: EventFeed,
    @Inject(FACTS) private readonly facts: Facts,
  ) {}

  static with(runtime: Runtime, feed: EventFeed, ownerId: string, facts: Facts): DynamicModule {
    return {
      module: ApiModule,
      imports: [RuntimeModule.with(runtime)],
      controllers: CONTROLLERS,
      providers: [
        { provide: PlanFinder, useValue: new PlanFinder(runtime.sql) },
        { provide: PlanReader, useValue: new PlanReader(runtime.database, runtime.sql) },
        { provide: PlanExporter, useValue: new PlanExporter(runtime.sql) },
        { provide: TaskReader, useValue: new TaskReader(runtime.database, runtime.sql) },
        { provide: AssignmentReader, useValue: new AssignmentReader(runtime.sql) },
        { provide: ExternalReader, useValue: new ExternalReader(runtime.sql) },
        { provide: IterationReader, useValue: new IterationReader(runtime.database) },
        { provide: JudgementReader, useValue: new JudgementReader(runtime.sql) },
        { provide: SessionReader, useValue: new SessionReader(runtime.sql) },
        { provide: SnapshotReader, useValue: new SnapshotReader(runtime.database) },
        { provide: DeliveryReader, useValue: new DeliveryReader(runtime.sql) },
        { provide: RepositoryReader, useValue: new RepositoryReader(runtime.database) },
        { provide: EstimateReader, useValue: new EstimateReader(runtime.sql) },
        { provide: AnalyticsReader, useValue: new AnalyticsReader(runtime.sql) },
        { provide: SpendReader, useValue: new SpendReader(runtime.sql, runtime.config.budgets.day) },
        { provide: IdempotencyKeys, useValue: new IdempotencyKeys(runtime.sql) },
        { provide: EventFeed, useValue: feed },
        { provide: OWNER_ID, useValue: ownerId },
        { provide: FACTS, useValue: facts },
        { provide: AuditTurns, useValue: new AuditTurns() },
        References,
        ReconcilerService,
      ],
    };
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.feed.close();
    await this.facts.close();
  }
}
