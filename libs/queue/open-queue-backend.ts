import { askPostgres, openPostgresBackend } from './postgres-backend.js';
import type { QueueBackend, QueueConfig } from './queue-backend.js';
import { askRedis, openRedisBackend } from './redis-backend.js';

/**
 * Opens the queues where the configuration says.
 *
 * @param onError told of connections that break; they mend themselves
 * @throws when the server cannot be used
 */
export function openQueueBackend(
  config: QueueConfig,
  onError: (error: Error) => void,
): Promise<QueueBackend> {
  return config.backend === 'redis'
    ? openRedisBackend(config, onError)
    : openPostgresBackend(config.url, onError);
}

/** Whether the server behind the queues answers: null, or why not. */
export async function whyQueueIsSilent(config: QueueConfig): Promise<string | null> {
  try {
    await (config.backend === 'redis' ? askRedis(config.url) : askPostgres(config.url));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
