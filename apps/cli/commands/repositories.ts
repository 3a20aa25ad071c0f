import type { RepositoryView } from '#contracts/api/repositories.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { printJson, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

/** The one that is meant, by its id, name or origin. @throws CliError where there is none, or several */
export async function repositoryNamed(client: ApiClient, reference: string): Promise<RepositoryView> {
  const found = (await client.repositories()).filter(({ id, name, origin }) =>
    [id, name, origin].includes(reference),
  );
  const [repository] = found;
  if (repository !== undefined && found.length === 1) return repository;
  const what = repository === undefined ? 'There is no repository' : 'Several repositories are called';
  throw new CliError(
    EXIT.failed,
    `${what} ${reference}.`,
    'planwright show PLAN --json, which has its id and origin',
  );
}

/**
 * Says how many tasks of all plans on a repository may be active at once.
 *
 * @param reference its id, name or origin
 */
export async function updateRepository(
  reference: string,
  options: FormatOptions & { readonly maxTasks: string },
): Promise<ExitCode> {
  const maxTasks = options.maxTasks === 'none' ? null : numberArgument('--max-tasks', options.maxTasks);
  const client = new ApiClient(findApi());
  const repository = await repositoryNamed(client, reference);
  const changed = await client.updateRepository(repository.id, { maxTasks });
  if (wantsJson(options)) printJson('repository', changed);
  else
    say(`${changed.name}: ${changed.maxTasks === null ? 'no limit' : `tasks at once: ${changed.maxTasks}`}.`);
  return EXIT.ok;
}
