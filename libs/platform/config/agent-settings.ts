import path from 'node:path';
import { z } from 'zod';
import type { AgentSettings } from '#agents/cli/surroundings.js';
import { AGENT_CLIS } from '#contracts/agents/table.js';
import { EgressRules } from '#sandbox/egress-rules.js';

const schema = z.object({
  /** Hosts that every coding agent may reach beside those of its model, separated by commas. */
  PLANWRIGHT_AGENT_HOSTS: z
    .string()
    .default('')
    .transform((text) => text.split(',').map((host) => host.trim()))
    .transform((hosts) => hosts.filter((host) => host !== ''))
    .superRefine((hosts, context) => {
      try {
        const [own] = new EgressRules(hosts).loopback();
        if (own === undefined) return;
        const message = `${own.host}:${own.port} is this machine: only the base URL of an agent leads there`;
        context.addIssue({ code: 'custom', message });
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    }),
  /** A home folder with the files by which agents are logged in. */
  PLANWRIGHT_AGENT_HOME: z
    .string()
    .refine((folder) => path.isAbsolute(folder), 'must be an absolute path')
    .optional(),
});

/**
 * What the executor-worker gives to coding agents: of its own variables only those that an entry of the table names.
 *
 * @throws Error that names each variable that is wrong
 */
export function readAgentSettings(env: NodeJS.ProcessEnv = process.env): AgentSettings {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The environment is wrong:\n${lines.join('\n')}`);
  }
  const { PLANWRIGHT_AGENT_HOSTS: hosts, PLANWRIGHT_AGENT_HOME: loginHome = null } = parsed.data;
  const names = Object.values(AGENT_CLIS).flatMap(({ credentials, baseUrls, settings }) => [
    ...credentials.map(({ name }) => name),
    ...baseUrls,
    ...settings,
  ]);
  return { environment: Object.fromEntries(names.map((name) => [name, env[name]])), hosts, loginHome };
}
