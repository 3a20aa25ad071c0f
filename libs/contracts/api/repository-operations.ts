import { analogousQuery, analogousView } from './analogous.js';
import type { Operation } from './operation.js';
import {
  listRepositoriesQuery,
  registerRepositoryRequest,
  repositoryPage,
  repositoryView,
  updateRepositoryRequest,
} from './repositories.js';

/** What the API can do with repositories. */
export const REPOSITORIES: readonly Operation[] = [
  {
    id: 'listRepositories',
    method: 'get',
    path: '/api/repositories',
    tag: 'Repositories',
    summary: 'Registered repositories, by name',
    query: listRepositoriesQuery,
    answer: {
      status: 200,
      description: 'A page of repositories',
      schema: repositoryPage,
      headers: ['Link'],
    },
    refusals: ['invalid'],
  },
  {
    id: 'registerRepository',
    method: 'post',
    path: '/api/repositories',
    tag: 'Repositories',
    summary: 'Register a repository; one that is registered stays as it is',
    headers: ['Idempotency-Key'],
    body: registerRepositoryRequest,
    answer: {
      status: 201,
      description: 'The repository',
      schema: repositoryView,
      headers: ['Idempotent-Replayed'],
    },
    refusals: ['invalid', 'conflict'],
  },
  {
    id: 'readRepository',
    method: 'get',
    path: '/api/repositories/{id}',
    tag: 'Repositories',
    summary: 'A repository',
    answer: { status: 200, description: 'The repository', schema: repositoryView },
    refusals: ['not_found'],
  },
  {
    id: 'updateRepository',
    method: 'patch',
    path: '/api/repositories/{id}',
    tag: 'Repositories',
    summary: 'Say how many tasks of all its plans may be active at once',
    body: updateRepositoryRequest,
    answer: { status: 200, description: 'The repository', schema: repositoryView },
    refusals: ['not_found', 'invalid'],
  },
  {
    id: 'findAnalogous',
    method: 'get',
    path: '/api/repositories/{id}/analogous',
    tag: 'Repositories',
    summary: 'What a repository has already of the sort that is about to be written',
    query: analogousQuery,
    answer: { status: 200, description: 'The most alike, with their code', schema: analogousView },
    refusals: ['not_found', 'invalid'],
  },
];
