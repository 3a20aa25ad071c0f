import { z } from 'zod';
import type { Verdict } from '#domain/spec/verdict.js';
import type { AgentSession } from '#engine/ports/agent-session.port.js';
import { tool, type Tool } from './tool.js';

const MAX_VIOLATIONS = 50;

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
      return check.kind === 'judged' ? inWords(check.verdict) : `There is no verdict: ${check.message}`;
    },
  });
}

/** A verdict, for somebody who is to mend what it found. */
export function inWords({ outcome, summary, violations }: Verdict): string {
  const lines = violations.slice(0, MAX_VIOLATIONS).map(({ rule, severity, message, file, line }) => {
    const where = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
    return `- ${rule} [${severity}]: ${message}${where}`;
  });
  const more = violations.length > MAX_VIOLATIONS ? [`- and ${violations.length - MAX_VIOLATIONS} more`] : [];
  return [`Verdict: ${outcome}. ${summary}`, ...lines, ...more].join('\n');
}
