import { mayRun } from './commands.js';
import type { ProfileLimits } from './profile.js';

/** What of an executor decides whether it can be kept to a profile. */
export type LimitedExecutor =
  { readonly kind: 'command'; readonly command: string } | { readonly kind: 'claude' | 'agent' | 'patch' };

/** Why an executor cannot be kept to what a profile says; null: it can. */
export function whyNotUnder({ constraints, tools }: ProfileLimits, executor: LimitedExecutor): string | null {
  switch (executor.kind) {
    case 'claude':
    case 'patch':
      return null;
    case 'command':
      if (mayRun(constraints.commands, executor.command)) return null;
      return `it may run ${(constraints.commands ?? []).join(', ') || 'nothing'} only, and not: ${executor.command}`;
    case 'agent':
      if (tools !== null || constraints.commands !== null)
        return 'the tools and commands of an agent are its own: say them in the executor, and leave tools and commands away';
      return constraints.network ? null : 'an agent has the network to its model: leave network at true';
  }
}
