import { z } from 'zod';
import { tool, type Tool } from './tool.js';

const text = z.string().trim().min(1).max(10_000);

/** The ways in which a session says that it is over, or rests. */
export function endTools(): Tool[] {
  return [
    tool({
      name: 'finish',
      description: 'Ends your work on this task. The verifier then judges what is in the workspace.',
      input: z.strictObject({
        summary: text.describe(
          'What you did and what those should know who go on with it, in a few sentences.',
        ),
      }),
      describe: () => '',
      run: async ({ summary }) => ({ kind: 'end', end: { kind: 'finished', summary } }),
    }),
    tool({
      name: 'ask_person',
      description:
        'Asks a person and waits, perhaps for hours; you go on here with their answer. Only for what you cannot find out and must not guess. One question at a time.',
      input: z.strictObject({ question: text }),
      describe: ({ question }) => question,
      run: async ({ question }) => ({ kind: 'end', end: { kind: 'asked', question } }),
    }),
    tool({
      name: 'report_plan_wrong',
      description:
        'Ends your work because the task cannot be done as it is planned: what it builds on is not there, or its spec contradicts it. The plan stops and a person decides.',
      input: z.strictObject({ findings: text.describe('What is wrong with the plan, and how you know.') }),
      describe: ({ findings }) => findings,
      run: async ({ findings }) => ({ kind: 'end', end: { kind: 'plan_wrong', findings } }),
    }),
  ];
}
