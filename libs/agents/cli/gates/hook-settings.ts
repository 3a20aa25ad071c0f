/** A judgement takes as long as its checks; whoever asks for a place waits for a listing at most. */
const STOP_SECONDS = 1_200;
const WRITE_SECONDS = 60;

const WRITING_TOOLS = 'Write|Edit|MultiEdit|NotebookEdit';

/** Settings of Claude Code, as JSON, that start a command before each write and, if asked, whenever it would end. */
export function hookSettings(command: string, { stop }: { readonly stop: boolean }): string {
  const hook = (timeout: number) => ({ hooks: [{ type: 'command', command, timeout }] });
  return JSON.stringify({
    hooks: {
      PreToolUse: [{ matcher: WRITING_TOOLS, ...hook(WRITE_SECONDS) }],
      ...(stop ? { Stop: [hook(STOP_SECONDS)] } : {}),
    },
  });
}
