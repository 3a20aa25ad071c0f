import { z } from 'zod';
import { PROFILE_MODES, PROFILE_STATUSES, PROFILE_TOOLS } from '#domain/profile/profile.js';
import { executorFileSchema } from '../plan/executor-file.js';
import { capability, key } from '../plan/plan-words.js';
import { profileChangeSchema, profileFileSchema, shownConstraints } from '../profile/profile-file.js';
import { hasChanges } from './edit.js';

/** `GET /api/agents?…` */
export const listAgentsQuery = z.strictObject({
  status: z.enum(PROFILE_STATUSES).optional(),
  type: key.optional(),
  capability: capability.optional(),
});
export type ListAgentsQuery = z.output<typeof listAgentsQuery>;

/** `POST /api/agents` */
export const createAgentRequest = profileFileSchema;
export type CreateAgentRequest = z.output<typeof createAgentRequest>;

/** `PATCH /api/agents/:slug`: what is absent stays; capabilities and tools are given whole. */
export const updateAgentRequest = profileChangeSchema.refine(...hasChanges);
export type UpdateAgentRequest = z.output<typeof updateAgentRequest>;

export const agentView = z.object({
  slug: z.string(),
  type: z.string(),
  mode: z.enum(PROFILE_MODES),
  description: z.string(),
  capabilities: z.array(z.object({ name: z.string(), level: z.int() })),
  /** As a plan file has it. */
  executor: executorFileSchema,
  constraints: shownConstraints,
  /** Tools that a model is offered; null: all. */
  tools: z.array(z.enum(PROFILE_TOOLS)).nullable(),
  metadata: z.record(z.string(), z.unknown()),
  status: z.enum(PROFILE_STATUSES),
  /** Attempts that run under it. */
  load: z.int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
/** What is shown is written as in a plan file. */
export type AgentView = z.input<typeof agentView>;

export const agentList = z.object({ items: z.array(agentView) });
export type AgentList = z.input<typeof agentList>;
