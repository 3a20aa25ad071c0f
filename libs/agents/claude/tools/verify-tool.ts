import { z } from 'zod';
import type { AgentSession } from '#engine/ports/agent-session.port.js';
import { verdictInWords } from '../../prompts/prompt-parts.js';
import { tool, type Tool } from './tool.js';

/** Am I done? Answered by the verifier, which judges the files as it will judge them in the end. */
export function verifyTool(session: Pick<AgentSession, 'verify'>): Tool {
  return tool({
    name: 'verify',
    description:
      'Has the verifier judge the workspace as it is now, by the spec of the task and the rules of the plan, and says what is still wrong. It may take a minute.',
    input: z.strictObject({}),
    describe: () => '',
    run: async (_input, signal) => {
      const check = await session.verify(signal);
      if (check.kind === 'unchanged')
        return 'Nothing in the workspace differs from what the task began with.';
      return check.kind === 'judged'
        ? verdictInWords(check.verdict)
        : `There is no verdict: ${check.message}`;
    },
  });
}
