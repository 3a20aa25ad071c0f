import { z } from 'zod';

/** How the environment names what workspaces are given. */
export const workspaceVariables = {
  /** The first of 4000 ports: 2000 for executors, 2000 for verifiers. */
  PLANWRIGHT_WORKSPACE_PORTS: z.coerce.number().int().min(1_024).max(61_000).default(42_000),
  PLANWRIGHT_SETUP_CACHE_MB: z.coerce.number().int().min(1).max(4_194_304).default(5_120),
};

const schema = z.object(workspaceVariables);

export interface WorkspaceSettings {
  /** The first port of the first executor's workspace. */
  readonly portBase: number;
  /** How large the cache of set-ups of one worker may grow. */
  readonly cacheMegabytes: number;
}

/** The settings behind variables that were read. */
export function workspaceSettings(data: z.infer<typeof schema>): WorkspaceSettings {
  return { portBase: data.PLANWRIGHT_WORKSPACE_PORTS, cacheMegabytes: data.PLANWRIGHT_SETUP_CACHE_MB };
}

/** Reads them alone, for programs that are no service. @throws Error that names each variable that is wrong */
export function readWorkspaceSettings(env: NodeJS.ProcessEnv = process.env): WorkspaceSettings {
  const parsed = schema.safeParse(env);
  if (parsed.success) return workspaceSettings(parsed.data);
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment is wrong:\n${lines.join('\n')}`);
}
