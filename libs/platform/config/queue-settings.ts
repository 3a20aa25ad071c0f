import { z } from 'zod';

const schema = z.object({
  QUEUE_BACKEND: z.enum(['postgres', 'redis']).default('postgres'),
  REDIS_URL: z.string().optional(),
});

const FORM = 'redis://:password@host:6379, or rediss:// for TLS';

/** Where the person who starts the stack wants the queues. */
export interface QueueSettings {
  readonly backend: 'postgres' | 'redis';
  /** A server of the user's own. */
  readonly redisUrl: string | undefined;
}

/** Reads the settings. @throws Error that names the variable that is wrong, never its value: it may hold a password */
export function readQueueSettings(env: NodeJS.ProcessEnv): QueueSettings {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The queues cannot be set up:\n${lines.join('\n')}`);
  }
  const { QUEUE_BACKEND: backend, REDIS_URL } = parsed.data;
  const redisUrl = backend === 'redis' && REDIS_URL !== '' ? REDIS_URL : undefined;
  if (redisUrl !== undefined && !isRedisUrl(redisUrl))
    throw new Error(`REDIS_URL is not the address of a Redis: write it as ${FORM}.`);
  return { backend, redisUrl };
}

/** What a service says that should use a Redis and was not told which. */
export const REDIS_URL_MISSING = `QUEUE_BACKEND is redis, and REDIS_URL is not set: set it to ${FORM}, or leave QUEUE_BACKEND out to keep the queues in Postgres.`;

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return ['redis:', 'rediss:'].includes(protocol) && hostname !== '';
}
