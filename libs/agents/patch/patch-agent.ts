import { unfitPlaces, unfitWords } from '#domain/patch/unfit-patch.js';
import type { AgentResult, PatchExecutor } from '#engine/ports/agent.port.js';
import type { Sandbox } from '#sandbox/sandbox.js';
import { POLICIES } from '#sandbox/sandbox-policy.js';
import { failed } from '../results.js';

export interface PatchAgentRequest {
  readonly executor: PatchExecutor;
  readonly cwd: string | null;
  readonly signal: AbortSignal;
}

export interface PatchAgent {
  run(request: PatchAgentRequest): Promise<AgentResult>;
}

const COMMAND = 'exec git apply --whitespace=nowarn "$PLANWRIGHT_PATCH"';
const TIMEOUT_MS = 120_000;
const OUTPUT_LIMIT = 1_048_576;

/** Carries a task out by applying its patch to the workspace: whole, or not at all. */
export function createPatchAgent({ sandbox }: { readonly sandbox: Sandbox }): PatchAgent {
  return {
    async run({ executor: { patch }, cwd, signal }) {
      if (cwd === null) return failed('unconfigured', 'a patch needs files to be applied to', '');
      return sandbox.folders.use(async (folder) => {
        const result = await sandbox.run({
          policy: POLICIES.patch,
          run: { command: COMMAND },
          cwd,
          folder,
          input: { variable: 'PLANWRIGHT_PATCH', content: patch.endsWith('\n') ? patch : `${patch}\n` },
          timeoutMs: TIMEOUT_MS,
          outputLimitBytes: OUTPUT_LIMIT,
          signal,
        });
        return { ...toAgentResult(result, patch), sandbox: result.sandbox };
      });
    },
  };
}

function toAgentResult(result: Awaited<ReturnType<Sandbox['run']>>, patch: string): AgentResult {
  switch (result.kind) {
    case 'not_started':
      return failed('infrastructure', `git could not start: ${result.reason}`, '');
    case 'aborted':
      return failed('cancelled', 'the patch was not applied: it was stopped', result.output);
    case 'timed_out':
    case 'output_limit':
    case 'limit_exceeded':
      return failed('limit_exceeded', 'the patch took more than its limits', result.output);
    case 'exited': {
      const { output, exitCode } = result;
      if (exitCode === 0) return { kind: 'done', output, result: null };
      const places = unfitPlaces(patch, output);
      const what = places.length > 0 ? places.map(unfitWords).join('; ') : output.trim().slice(0, 1_000);
      // The same patch fits the same tip no better a second time.
      return failed('needs_replan', `the patch does not apply: ${what}`, output);
    }
  }
}
