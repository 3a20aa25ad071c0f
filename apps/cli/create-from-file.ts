import type { PlanView } from '#contracts/api/plans.js';
import type { ApiClient } from './api/client.js';
import { readPlanText } from './plan-text.js';

/** The API reads a text between two answers: a longer one is read here, where nobody else waits for it. */
const LONGEST_TEXT = 32 * 1024;

/**
 * Creates a plan from a file. Reading YAML takes a process that has just begun longer than all else until the plan runs:
 * a text that names no other file goes to the API as it is.
 *
 * @throws CliError with every problem of the file as `file:line:column`, else the refusal of the API
 */
export async function createFromFile(
  client: ApiClient,
  { file, repository }: { readonly file: string; readonly repository: string },
): Promise<PlanView> {
  const text = readPlanText(file);
  const resolved = async () => (await import('./plan-file.js')).resolvedPlanText(file, text);
  if (text.length > LONGEST_TEXT || mayNameFiles(text))
    return client.createPlan({ repository, plan: (await resolved()).document });
  try {
    return await client.createPlan({ repository, planYaml: text });
  } catch (error) {
    // What is wrong with the file is said first, with places in it.
    await resolved();
    throw error;
  }
}

/** Whether a spec or a patch may be the path of its file. A key is written as it is, or with a backslash. */
function mayNameFiles(text: string): boolean {
  return /spec|patch|\\/.test(text);
}
