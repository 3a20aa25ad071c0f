import { choosePort } from '#platform/home/ports.js';
import type { Home } from '#platform/home/home.js';
import type { ServiceSpec } from '#platform/supervisor/supervisor.js';

/** What a person has set for models that cost money, and for a stack on several hosts: none of it is for a script. */
const OF_THE_REAL_STACK = /^(ANTHROPIC_|PLANWRIGHT_(MODEL|EFFORT|BUDGET|PRICES)|GIT_HUB_URL$)/;
const ENTRY = 'dist/libs/testing/messages-api/main.js';

/**
 * The services of a stack whose model answers by a script, over HTTP as the provider does, and the service that is this
 * model. No call leaves the machine.
 *
 * @param script absolute path of its rules
 */
export async function withScriptedModel(
  services: readonly ServiceSpec[],
  script: string,
  home: Home,
): Promise<ServiceSpec[]> {
  const port = await choosePort(home.run.modelPortFile);
  const names = Object.keys(process.env).filter((name) => OF_THE_REAL_STACK.test(name));
  const none = Object.fromEntries(names.map((name) => [name, undefined]));
  const key = { ANTHROPIC_API_KEY: 'scripted', ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}` };
  const env = ({ models }: ServiceSpec) => (models === true ? key : { PLANWRIGHT_MODEL_KEY: 'workers' });
  return [
    { name: 'scripted-model', entry: ENTRY, args: ['--script', script, '--port', String(port)] },
    ...services.map((service) => ({ ...service, env: { ...service.env, ...none, ...env(service) } })),
  ];
}
