import { z } from 'zod';
import { PATTERN_KINDS, whyNotLike, type PatternKind } from '#domain/patterns/rank.js';
import type { DeclarationsPort } from '#engine/ports/declarations.port.js';
import type { BlobSource } from '#engine/ports/git.port.js';
import { analogousIn } from '#engine/queries/find-analogous.js';
import { ToolRefusal } from '../workspace-files.js';
import { tool, type Tool } from './tool.js';

/** What of a repository is known without running anything: its code at the commit that the task began with. */
export interface KnownCode {
  readonly declarations: DeclarationsPort;
  readonly source: BlobSource;
  readonly commit: string;
}

const MAX_SYMBOLS = 100;
const MAX_PATTERNS = 5;
const kinds = z.enum(PATTERN_KINDS);

/** Looking up what a repository declares. */
export function codeTools(code: KnownCode): Tool[] {
  return [
    tool({
      name: 'find_symbols',
      description:
        'Finds functions, API routes and components by a part of their name, as the repository declares them where the task began.',
      input: z.strictObject({ name: z.string().min(1).max(200), kind: kinds.optional() }),
      describe: ({ name }) => name,
      run: async ({ name, kind }) => {
        const found = await Promise.all(
          (kind === undefined ? PATTERN_KINDS : [kind]).map((each) => ofKind(code, each, name)),
        );
        const lines = found.flat();
        if (lines.length === 0) return `Nothing declares a name with ${name} in it.`;
        const rest = lines.length > MAX_SYMBOLS ? `\n(${lines.length} in all; give more of the name)` : '';
        return lines.slice(0, MAX_SYMBOLS).join('\n') + rest;
      },
    }),
    tool({
      name: 'analogous_patterns',
      description:
        'Shows what the repository has already of the sort that you are about to write, so that the new one is made like it.',
      input: z.strictObject({
        kind: kinds,
        like: z
          .string()
          .min(1)
          .max(300)
          .describe('What the new one will be called: a name, a signature, or POST /a/route.'),
        near: z.string().min(1).max(500).optional().describe('The file or folder that it will lie in.'),
      }),
      describe: ({ like }) => like,
      run: async ({ kind, like, near }) => {
        const problem = whyNotLike(kind, like);
        if (problem !== null) throw new ToolRefusal(`like: ${problem}.`);
        const { declarations, source, commit } = code;
        const found = await analogousIn(declarations, {
          source,
          commit,
          kind,
          like,
          near,
          limit: MAX_PATTERNS,
        });
        if (found.length === 0) return 'The repository has nothing like it.';
        return found
          .map(({ file, startLine, endLine, snippet }) => `${file}:${startLine}-${endLine}\n${snippet}`)
          .join('\n\n');
      },
    }),
  ];
}

async function ofKind(
  { declarations, source, commit }: KnownCode,
  kind: PatternKind,
  part: string,
): Promise<string[]> {
  const wanted = part.toLowerCase();
  const all = await declarations.declarations({ source, commit, kind });
  return all
    .filter(({ name }) => name.toLowerCase().includes(wanted))
    .sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.startLine - b.startLine))
    .map(
      ({ file, startLine, name, signature }) =>
        `${kind} ${name}  ${file}:${startLine}  ${signature.slice(0, 200)}`,
    );
}
