import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import type { Limits } from '#domain/cost/budget.js';
import type { QueueConfig } from '#queue/queue-backend.js';
import { originSettings, originVariables, type OriginSettings } from './origin-settings.js';
import { readQueueSettings, REDIS_URL_MISSING } from './queue-settings.js';
import { splitCommand } from '../notify/command-line.js';
import { modelSettings, modelVariables, type ModelSettings } from './model-settings.js';
import { sandboxSettings, sandboxVariables, type SandboxSettings } from './sandbox-settings.js';
import { budgetSettings, budgetVariables } from './budget-settings.js';
import { workspaceSettings, workspaceVariables, type WorkspaceSettings } from './workspace-settings.js';

const schema = z.object({
  DATABASE_URL: z.string().min(1),
  PLANWRIGHT_HOME: z.string().min(1),
  PLANWRIGHT_API_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Address the API listens on. Loopback: only this machine reaches it. */
  PLANWRIGHT_LISTEN: z
    .string()
    .refine((address) => isIP(address) !== 0, 'must be an IP address, e.g. 127.0.0.1 or 0.0.0.0')
    .default('127.0.0.1'),
  /** Names by which others reach the API, separated by commas. */
  PLANWRIGHT_ALLOWED_HOSTS: z.string().default(''),
  /** Folder or URL that holds the hubs; the data folder's own by default. */
  GIT_HUB_URL: z
    .string()
    .min(1)
    .refine(
      (url) => !/^https?:\/\/[^/]*@/i.test(url),
      'must not hold a name or password: the token goes into PLANWRIGHT_WORKER_TOKEN',
    )
    .optional(),
  /** What opens the hubs over HTTP: asked for by the API, shown by workers of other hosts. */
  PLANWRIGHT_WORKER_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{20,500}$/, 'must be 20 to 500 visible characters')
    .optional(),
  PLANWRIGHT_HUB_LIMIT_MB: z.coerce.number().int().min(1).max(1_000_000).default(4_096),
  PLANWRIGHT_HUB_CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(8),
  PLANWRIGHT_LEASE_MS: z.coerce.number().int().min(200).max(600_000).default(10_000),
  PLANWRIGHT_EXECUTOR_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(4),
  PLANWRIGHT_VERIFIER_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(2),
  /** What measuring the spec of one task may take; 0: none is measured. */
  PLANWRIGHT_STRENGTH_MS: z.coerce.number().int().min(0).max(3_600_000).default(30_000),
  /** How often this process looks whether its repositories are stored in many pieces; 0: never. */
  PLANWRIGHT_UPKEEP_MINUTES: z.coerce.number().int().min(0).max(10_080).default(10),
  PLANWRIGHT_MAX_TASKS: z.coerce.number().int().min(1).max(100_000).optional(),
  PLANWRIGHT_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  ...sandboxVariables,
  ...workspaceVariables,
  ...budgetVariables,
  ...modelVariables,
  ...originVariables,
  /** A file that tests of recovery write: see `libs/platform/crash/crash-at.ts`. */
  PLANWRIGHT_CRASH_AT: z.string().startsWith('/').optional(),
  /** Run when a person should know something. */
  PLANWRIGHT_NOTIFY: z
    .string()
    .trim()
    .refine((text) => text === '' || splitCommand(text) !== null, 'a quote is not closed')
    .default(''),
  PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
});

const ORIGIN_VARIABLES = ['HOME', 'SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', 'GIT_ASKPASS'] as const;

export interface Config {
  readonly databaseUrl: string;
  readonly queue: QueueConfig;
  readonly home: string;
  readonly apiPort: number;
  /** Address the API listens on. */
  readonly listen: string;
  /** What a `Host` may say besides the names of the loopback address. */
  readonly allowedHosts: readonly string[];
  readonly hubBase: string;
  readonly workerToken: string | null;
  /** Largest push to a hub over HTTP. */
  readonly hubLimitBytes: number;
  /** Requests to hubs that are served at once. */
  readonly hubConcurrency: number;
  readonly leaseMs: number;
  readonly executorConcurrency: number;
  readonly verifierConcurrency: number;
  /** What measuring the spec of one task may take; 0: none is measured. */
  readonly strengthMs: number;
  readonly upkeepMs: number;
  /** Tasks of all plans that may be active at once; null: no limit. Every process of a stack has the same. */
  readonly maxTasks: number | null;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Search path for git and for the commands of tasks and checks. */
  readonly path: string;
  /** What untrusted processes may do. */
  readonly sandbox: SandboxSettings;
  /** What workspaces are given. */
  readonly workspaces: WorkspaceSettings;
  /** What plans that say nothing else may cost, and all of them on one day. Every process of a stack has the same. */
  readonly budgets: Limits;
  /** A file with prices of models; null: the built-in ones alone. */
  readonly prices: string | null;
  /** Which models are asked, and with which key. */
  readonly models: ModelSettings;
  /** The file in which a test asks for a fault; null: none will. */
  readonly crashAt: string | null;
  /** The command that tells people; empty: none. */
  readonly notify: string;
  /** What reaching a remote origin needs, for the process that may: the API. */
  readonly originEnvironment: Readonly<Record<string, string>>;
  /** What opens private origins, and the forge of their pull requests. */
  readonly origins: OriginSettings;
}

/** Reads a service's settings. @throws Error that names each variable that is wrong */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment is not complete:\n${lines.join('\n')}`);
  }
  const { data } = parsed;
  return {
    databaseUrl: data.DATABASE_URL,
    queue: queueOf(env, data.DATABASE_URL),
    home: data.PLANWRIGHT_HOME,
    apiPort: data.PLANWRIGHT_API_PORT,
    listen: data.PLANWRIGHT_LISTEN,
    allowedHosts: [...data.PLANWRIGHT_ALLOWED_HOSTS.split(','), ...ownName(data.PLANWRIGHT_LISTEN)]
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    hubBase: data.GIT_HUB_URL ?? path.join(data.PLANWRIGHT_HOME, 'hubs'),
    workerToken: data.PLANWRIGHT_WORKER_TOKEN ?? null,
    hubLimitBytes: data.PLANWRIGHT_HUB_LIMIT_MB * 2 ** 20,
    hubConcurrency: data.PLANWRIGHT_HUB_CONCURRENCY,
    leaseMs: data.PLANWRIGHT_LEASE_MS,
    executorConcurrency: data.PLANWRIGHT_EXECUTOR_CONCURRENCY,
    verifierConcurrency: data.PLANWRIGHT_VERIFIER_CONCURRENCY,
    strengthMs: data.PLANWRIGHT_STRENGTH_MS,
    upkeepMs: data.PLANWRIGHT_UPKEEP_MINUTES * 60_000,
    maxTasks: data.PLANWRIGHT_MAX_TASKS ?? null,
    logLevel: data.PLANWRIGHT_LOG_LEVEL,
    path: data.PATH,
    sandbox: sandboxSettings(data),
    workspaces: workspaceSettings(data),
    ...budgetSettings(data),
    models: modelSettings(data),
    crashAt: data.PLANWRIGHT_CRASH_AT ?? null,
    notify: data.PLANWRIGHT_NOTIFY,
    origins: originSettings(data),
    originEnvironment: Object.fromEntries(
      ORIGIN_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
    ),
  };
}

function queueOf(env: NodeJS.ProcessEnv, databaseUrl: string): QueueConfig {
  const { backend, redisUrl } = readQueueSettings(env);
  if (backend === 'postgres') return { backend, url: databaseUrl };
  if (redisUrl === undefined) throw new Error(REDIS_URL_MISSING);
  return { backend, url: redisUrl };
}

/** An address that is listened on is a name of this server; those of the loopback are known, "any" is none. */
function ownName(address: string): string[] {
  if (/^(127\.|0\.0\.0\.0$|::1?$)/.test(address)) return [];
  return [isIP(address) === 6 ? `[${address}]` : address];
}
