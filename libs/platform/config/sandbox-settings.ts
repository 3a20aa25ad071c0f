import { z } from 'zod';
import type { ResourceLimits } from '#sandbox/limits.js';
import type { SandboxMode } from '#sandbox/sandbox.js';

const MIB = 2 ** 20;

/** How the environment names what untrusted processes may do. */
export const sandboxVariables = {
  PLANWRIGHT_SANDBOX: z.enum(['required', 'auto', 'off']).default('auto'),
  /** Absolute paths, separated by colons. */
  PLANWRIGHT_SANDBOX_READABLE: z.string().default(''),
  PLANWRIGHT_MEMORY_MB: z.coerce.number().int().min(64).max(4_194_304).default(4_096),
  PLANWRIGHT_PROCESSES: z.coerce.number().int().min(8).max(100_000).default(512),
  PLANWRIGHT_CPU_SECONDS: z.coerce.number().int().min(1).max(1_000_000).default(7_200),
  PLANWRIGHT_DISK_MB: z.coerce.number().int().min(1).max(4_194_304).default(4_096),
};

const schema = z.object(sandboxVariables);

export interface SandboxSettings {
  readonly mode: SandboxMode;
  /** Further readable paths, as the person lists them. */
  readonly readable: string;
  readonly limits: ResourceLimits;
}

/** The settings behind variables that were read. */
export function sandboxSettings(data: z.infer<typeof schema>): SandboxSettings {
  return {
    mode: data.PLANWRIGHT_SANDBOX,
    readable: data.PLANWRIGHT_SANDBOX_READABLE,
    limits: {
      memoryBytes: data.PLANWRIGHT_MEMORY_MB * MIB,
      processes: data.PLANWRIGHT_PROCESSES,
      cpuSeconds: data.PLANWRIGHT_CPU_SECONDS,
      diskBytes: data.PLANWRIGHT_DISK_MB * MIB,
    },
  };
}

/** Reads them alone, for programs that are no service. @throws Error that names each variable that is wrong */
export function readSandboxSettings(env: NodeJS.ProcessEnv = process.env): SandboxSettings {
  const parsed = schema.safeParse(env);
  if (parsed.success) return sandboxSettings(parsed.data);
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment is wrong:\n${lines.join('\n')}`);
}
