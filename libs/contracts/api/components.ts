import type { z } from 'zod';
import { planFileSchema } from '../plan/plan-file.js';
import { agentList, agentView, createAgentRequest, updateAgentRequest } from './agents.js';
import { analyticsRow, analyticsView } from './analytics.js';
import { analogousView } from './analogous.js';
import * as assignments from './assignments.js';
import { planAudit } from './audit.js';
import { contractList, contractView, waiveContractRequest } from './contracts.js';
import { deliveryList, deliveryPreview, deliveryView, finishPlanRequest } from './deliveries.js';
import { planEstimate } from './estimate.js';
import { feedEventView } from './events.js';
import * as external from './external.js';
import * as iterations from './iterations.js';
import { judgementView, judgeTaskRequest, taskVerdict } from './judgements.js';
import { createPhaseRequest, rejectPhaseRequest, updatePhaseRequest } from './phases.js';
import { specValidation, specView, validateSpecRequest } from './plan-specs.js';
import * as tasks from './plan-tasks.js';
import * as plans from './plans.js';
import { problemView } from './problem.js';
import {
  registerRepositoryRequest,
  repositoryPage,
  repositoryView,
  updateRepositoryRequest,
} from './repositories.js';
import * as reviews from './reviews.js';
import { rewindPlanRequest, rewindPreview } from './rewind.js';
import * as sessions from './sessions.js';
import { sendSignalRequest, signalView } from './signals.js';
import * as snapshots from './snapshots.js';
import { costView, spendView } from './spend.js';
import * as workItems from './work-items.js';

/** The schemas that the OpenAPI document names. */
export const COMPONENTS: Readonly<Record<string, z.ZodType>> = {
  Plan: plans.planView,
  PlanHead: plans.planHead,
  PlanPage: plans.planPage,
  PlanFile: planFileSchema,
  CreatePlan: plans.createPlanRequest,
  UpdatePlan: plans.updatePlanRequest,
  PausePlan: plans.pausePlanRequest,
  ArchivePlan: plans.archivePlanRequest,
  Archive: plans.archiveView,
  PlanAudit: planAudit,
  Note: plans.noteRequest,
  ResumePlan: plans.resumePlanRequest,
  ReviewPlan: reviews.reviewPlanRequest,
  Review: reviews.reviewView,
  Suggestion: reviews.suggestionView,
  ApplySuggestions: reviews.applySuggestionsRequest,
  SuggestionsOutcome: reviews.suggestionsOutcome,
  Phase: plans.phaseView,
  CreatePhase: createPhaseRequest,
  UpdatePhase: updatePhaseRequest,
  RejectPhase: rejectPhaseRequest,
  Task: plans.taskView,
  TaskDetail: tasks.taskDetail,
  TaskDiff: tasks.taskDiff,
  CreateTask: tasks.createTaskRequest,
  UpdateTask: tasks.updateTaskRequest,
  RetryTask: tasks.retryTaskRequest,
  ApproveTask: tasks.approveTaskRequest,
  RejectTask: tasks.rejectTaskRequest,
  AnswerTask: sessions.answerTaskRequest,
  SkipTask: tasks.skipTaskRequest,
  CompleteTask: tasks.completeTaskRequest,
  FailTask: tasks.failTaskRequest,
  ReleaseTask: tasks.releaseTaskRequest,
  ClaimTask: external.claimTaskRequest,
  ClaimedTask: external.claimedTask,
  Heartbeat: external.heartbeatRequest,
  HeartbeatAnswer: external.heartbeatView,
  ReadyTasks: external.readyTasks,
  TaskContext: external.taskContext,
  SubmitTask: tasks.submitTaskRequest,
  Assign: assignments.assignRequest,
  HandOverTask: assignments.handOverTaskRequest,
  HandOverItem: assignments.handOverItemRequest,
  Assignment: assignments.assignmentView,
  AssignmentHistory: assignments.assignmentHistory,
  AssignmentPage: assignments.assignmentPage,
  CreateWorkItem: workItems.createWorkItemRequest,
  CloseWorkItem: workItems.closeWorkItemRequest,
  WorkItem: workItems.workItemView,
  WorkItemPage: workItems.workItemPage,
  Attempt: plans.attemptView,
  Transcript: sessions.transcriptView,
  AttemptOutput: sessions.outputView,
  TaskVerdict: taskVerdict,
  JudgeTask: judgeTaskRequest,
  Judgement: judgementView,
  Verdict: plans.verdictView,
  VerdictItem: plans.verdictItem,
  Violation: plans.violationView,
  PlanEvent: plans.planEventView,
  FeedEvent: feedEventView,
  Repository: repositoryView,
  RepositoryPage: repositoryPage,
  RegisterRepository: registerRepositoryRequest,
  UpdateRepository: updateRepositoryRequest,
  Analytics: analyticsView,
  AnalyticsRow: analyticsRow,
  Agent: agentView,
  AgentList: agentList,
  CreateAgent: createAgentRequest,
  UpdateAgent: updateAgentRequest,
  GeneratePlan: iterations.generatePlanRequest,
  GeneratePlanAgain: iterations.generateAgainRequest,
  Iteration: iterations.iterationView,
  IterationPage: iterations.iterationPage,
  IterationDetail: iterations.iterationDetail,
  Contract: contractView,
  ContractList: contractList,
  WaiveContract: waiveContractRequest,
  AnalogousPatterns: analogousView,
  Signal: signalView,
  SendSignal: sendSignalRequest,
  Snapshot: snapshots.snapshotView,
  SnapshotPage: snapshots.snapshotPage,
  CreateCheckpoint: snapshots.createCheckpointRequest,
  RewindPreview: rewindPreview,
  RewindPlan: rewindPlanRequest,
  Prune: snapshots.pruneRequest,
  PruneReport: snapshots.pruneReport,
  Cost: costView,
  PlanEstimate: planEstimate,
  Spend: spendView,
  Delivery: deliveryView,
  DeliveryList: deliveryList,
  DeliveryPreview: deliveryPreview,
  FinishPlan: finishPlanRequest,
  Spec: specView,
  ValidateSpec: validateSpecRequest,
  SpecValidation: specValidation,
  Problem: problemView,
};

/** Parts that are checked later than the request, shown as what they are checked against. */
export const SHOWN_AS: ReadonlyMap<unknown, string> = new Map([[plans.planAsJson, 'PlanFile']]);
