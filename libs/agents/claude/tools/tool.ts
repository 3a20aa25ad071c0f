import { z } from 'zod';
import type { ToolDefinition } from '#engine/ports/llm.port.js';
import { ToolRefusal } from '../workspace-files.js';

/** By these a session comes to its end. */
export type SessionEnd =
  | { readonly kind: 'finished'; readonly summary: string }
  | { readonly kind: 'asked'; readonly question: string }
  | { readonly kind: 'plan_wrong'; readonly findings: string };

export type ToolAnswer =
  | {
      readonly kind: 'result';
      readonly text: string;
      readonly isError: boolean;
      /** What whoever watches is shown of it; default: its head. */
      readonly shown?: string;
    }
  | { readonly kind: 'end'; readonly end: SessionEnd };

export interface Tool {
  readonly definition: ToolDefinition;
  /** In one line, for whoever watches. */
  describe(input: unknown): string;
  /** Whatever the model gives it: what cannot be used is answered with what is wrong. @throws what is no fault of the model */
  run(input: unknown, signal: AbortSignal, show: Show): Promise<ToolAnswer>;
}

/** For whoever watches, while a tool is at work. */
export type Show = (text: string) => void;

interface Written<S extends z.ZodType> {
  readonly name: string;
  readonly description: string;
  readonly input: S;
  readonly describe: (input: z.output<S>) => string;
  readonly run: (input: z.output<S>, signal: AbortSignal, show: Show) => Promise<string | ToolAnswer>;
}

/** A tool with its input checked. */
export function tool<S extends z.ZodType>(written: Written<S>): Tool {
  const { name, description, input: schema } = written;
  const { $schema: _, ...inputSchema } = z.toJSONSchema(schema, { io: 'input' });
  const line = (input: unknown) => {
    const parsed = schema.safeParse(input);
    return parsed.success
      ? written.describe(parsed.data).replaceAll(/\s+/g, ' ').slice(0, 200)
      : '(unusable input)';
  };
  return {
    definition: { name, description, inputSchema },
    describe: (input) => `${name} ${line(input)}`.trim(),
    async run(input, signal, show) {
      const parsed = schema.safeParse(input);
      if (!parsed.success)
        return wrong(`The input of ${name} cannot be used: ${z.prettifyError(parsed.error)}`);
      try {
        const answer = await written.run(parsed.data, signal, show);
        return typeof answer === 'string' ? { kind: 'result', text: answer, isError: false } : answer;
      } catch (error) {
        if (error instanceof ToolRefusal) return wrong(error.message);
        throw error;
      }
    },
  };
}

/** An answer that says what the model did wrong. */
export function wrong(text: string): ToolAnswer {
  return { kind: 'result', text, isError: true };
}
