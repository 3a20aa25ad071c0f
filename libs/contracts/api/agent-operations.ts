import { agentList, agentView, createAgentRequest, listAgentsQuery, updateAgentRequest } from './agents.js';
import type { Operation } from './operation.js';

/** What the API can do with agent profiles. */
export const AGENTS: readonly Operation[] = [
  {
    id: 'listAgents',
    method: 'get',
    path: '/api/agents',
    tag: 'Agents',
    summary: 'Agent profiles, by slug',
    query: listAgentsQuery,
    answer: { status: 200, description: 'All that were asked for', schema: agentList },
    refusals: ['invalid'],
  },
  {
    id: 'createAgent',
    method: 'post',
    path: '/api/agents',
    tag: 'Agents',
    summary: 'Create an agent profile',
    headers: ['Idempotency-Key'],
    body: createAgentRequest,
    answer: {
      status: 201,
      description: 'The profile',
      schema: agentView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['invalid', 'conflict'],
  },
  {
    id: 'readAgent',
    method: 'get',
    path: '/api/agents/{slug}',
    tag: 'Agents',
    summary: 'An agent profile, and what it is at',
    answer: { status: 200, description: 'The profile', schema: agentView },
    refusals: ['not_found'],
  },
  {
    id: 'updateAgent',
    method: 'patch',
    path: '/api/agents/{slug}',
    tag: 'Agents',
    summary: 'Change an agent profile; what is under way goes on as it was pinned',
    body: updateAgentRequest,
    answer: { status: 200, description: 'The profile', schema: agentView },
    refusals: ['not_found', 'conflict', 'invalid'],
  },
  step('archive', 'Archive an agent profile: it is given nothing any more, and cannot change'),
  step('restore', 'Bring an archived agent profile back; it is inactive as yet'),
];

function step(verb: 'archive' | 'restore', summary: string): Operation {
  return {
    id: `${verb}Agent`,
    method: 'post',
    path: `/api/agents/{slug}/${verb}`,
    tag: 'Agents',
    summary,
    headers: ['Idempotency-Key'],
    answer: {
      status: 200,
      description: 'The profile',
      schema: agentView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['not_found', 'conflict', 'invalid'],
  };
}
