import type { Config } from './config.js';

/** The secrets that a service knows by its settings: its log leaves them out, wherever they stand. */
export function secretsOf(
  config: Pick<Config, 'databaseUrl' | 'queue' | 'workerToken' | 'models'>,
): string[] {
  const passwords = [config.databaseUrl, config.queue.url].flatMap(passwordsOf);
  return [config.models.apiKey, config.workerToken, ...passwords].filter((secret) => secret !== null);
}

/** As it stands in the address, and as it is. */
function passwordsOf(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { password } = new URL(address);
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
}
