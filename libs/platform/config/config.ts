import path from 'node:path';
import { z } from 'zod';
import { splitCommand } from '../notify/command-line.js';
import { workspaceSettings, workspaceVariables, type WorkspaceSettings } from './workspace-settings.js';

const schema = z.object({
  DATABASE_URL: z.string().min(1),
  PLANWRIGHT_HOME: z.string().min(1),
  PLANWRIGHT_API_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Folder or URL that holds the hubs; the data folder's own by default. */
  GIT_HUB_URL: z.string().min(1).optional(),
  PLANWRIGHT_LEASE_MS: z.coerce.number().int().min(200).max(600_000).default(10_000),
  PLANWRIGHT_EXECUTOR_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(4),
  PLANWRIGHT_VERIFIER_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(2),
  PLANWRIGHT_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  ...workspaceVariables,
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
  readonly home: string;
  readonly apiPort: number;
  readonly hubBase: string;
  readonly leaseMs: number;
  readonly executorConcurrency: number;
  readonly verifierConcurrency: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Search path for git and for the commands of tasks and checks. */
  readonly path: string;
  /** What workspaces are given. */
  readonly workspaces: WorkspaceSettings;
  /** The command that tells people; empty: none. */
  readonly notify: string;
  /** What reaching a remote origin needs, for the process that may: the API. */
  readonly originEnvironment: Readonly<Record<string, string>>;
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
    home: data.PLANWRIGHT_HOME,
    apiPort: data.PLANWRIGHT_API_PORT,
    hubBase: data.GIT_HUB_URL ?? path.join(data.PLANWRIGHT_HOME, 'hubs'),
    leaseMs: data.PLANWRIGHT_LEASE_MS,
    executorConcurrency: data.PLANWRIGHT_EXECUTOR_CONCURRENCY,
    verifierConcurrency: data.PLANWRIGHT_VERIFIER_CONCURRENCY,
    logLevel: data.PLANWRIGHT_LOG_LEVEL,
    path: data.PATH,
    workspaces: workspaceSettings(data),
    notify: data.PLANWRIGHT_NOTIFY,
    originEnvironment: Object.fromEntries(
      ORIGIN_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
    ),
  };
}
