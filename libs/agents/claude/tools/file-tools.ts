import { posix } from 'node:path';
import { z } from 'zod';
import type { AgentSession } from '#engine/ports/agent-session.port.js';
import { ToolRefusal, type WorkspaceFiles } from '../workspace-files.js';
import { tool, type Tool } from './tool.js';

const path = z
  .string()
  .min(1)
  .max(1_000)
  .describe('Relative to the top of the workspace, with forward slashes.');

const DEFAULT_LINES = 500;
const MAX_LINES = 2_000;
const MAX_CHARACTERS = 60_000;
const MAX_LINE_LENGTH = 2_000;

/** Reading and writing files of the workspace; a write that the verifier would reject is refused at once. */
export function fileTools(files: WorkspaceFiles, session: Pick<AgentSession, 'refusalOfWrite'>): Tool[] {
  const refuseOutside = async (at: string) => {
    const why = await session.refusalOfWrite(posix.normalize(at));
    if (why !== null) throw new ToolRefusal(`${at} may not be written: ${why}.`);
  };
  return [
    tool({
      name: 'read_file',
      description: `Reads a text file with line numbers, ${DEFAULT_LINES} lines at a time unless you ask otherwise.`,
      input: z.strictObject({
        path,
        from: z.int().min(1).default(1).describe('First line, from 1.'),
        lines: z.int().min(1).max(MAX_LINES).default(DEFAULT_LINES),
      }),
      describe: (input) => input.path,
      run: async (input) => excerpt(await files.read(input.path), input),
    }),
    tool({
      name: 'write_file',
      description:
        'Writes a whole file; folders are made as needed. To change a part of a file, use edit_file.',
      input: z.strictObject({ path, content: z.string() }),
      describe: (input) => input.path,
      run: async (input) => {
        await refuseOutside(input.path);
        const isNew = await files.write(input.path, input.content);
        return `${isNew ? 'Created' : 'Overwrote'} ${input.path} (${Buffer.byteLength(input.content)} bytes).`;
      },
    }),
    tool({
      name: 'edit_file',
      description:
        'Replaces one passage of a file by another. The passage must be there exactly as given, whitespace included, and exactly once: give enough of its surroundings.',
      input: z.strictObject({ path, old: z.string().min(1), new: z.string() }),
      describe: (input) => input.path,
      run: async (input) => {
        await refuseOutside(input.path);
        return edit(files, input);
      },
    }),
  ];
}

function excerpt(
  content: string,
  { from, lines }: { readonly from: number; readonly lines: number },
): string {
  const all = content.split('\n');
  if (all.at(-1) === '') all.pop();
  if (all.length === 0) return 'The file is empty.';
  if (from > all.length) throw new ToolRefusal(`The file has ${all.length} lines.`);
  const shown: string[] = [];
  let size = 0;
  for (const [at, line] of all.slice(from - 1, from - 1 + lines).entries()) {
    const text = `${from + at}\t${line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH)}… (cut)` : line}`;
    size += text.length + 1;
    if (size > MAX_CHARACTERS) break;
    shown.push(text);
  }
  const next = from + shown.length;
  const rest = next <= all.length ? `\n(${all.length} lines; go on from line ${next})` : '';
  return shown.join('\n') + rest;
}

async function edit(
  files: WorkspaceFiles,
  { path: at, old, new: replacement }: { readonly path: string; readonly old: string; readonly new: string },
): Promise<string> {
  const content = await files.read(at);
  const times = content.split(old).length - 1;
  if (times === 0)
    throw new ToolRefusal(`The passage is not in ${at}. Read the file again: it must match exactly.`);
  if (times > 1)
    throw new ToolRefusal(`The passage is in ${at} ${times} times. Give more of what surrounds it.`);
  const place = content.indexOf(old);
  await files.write(at, content.slice(0, place) + replacement + content.slice(place + old.length));
  return `Changed ${at} at line ${content.slice(0, place).split('\n').length}.`;
}
