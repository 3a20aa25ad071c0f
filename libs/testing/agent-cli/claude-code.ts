import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What the documentation of Claude Code says of hooks and sessions. Nothing of the product is imported: it runs by itself. */

interface Hook {
  readonly type: string;
  readonly command: string;
}
interface HookGroup {
  readonly matcher?: string;
  readonly hooks: readonly Hook[];
}
interface Settings {
  readonly hooks?: Readonly<Record<string, readonly HookGroup[]>>;
}
interface HookAnswer {
  readonly decision?: string;
  readonly reason?: string;
  readonly hookSpecificOutput?: {
    readonly hookEventName: string;
    readonly permissionDecision: string;
    readonly permissionDecisionReason: string;
  };
}

/** A run goes on that often because hooks say so. */
const MOST_ROUNDS = 20;

/** Starts the commands of one event, each with the event as JSON on its standard input, and reads what they print. */
function fire(settings: Settings, event: string, tool: string | null, more: object): HookAnswer[] {
  const told = JSON.stringify({ session_id: 's', cwd: process.cwd(), hook_event_name: event, ...more });
  return (settings.hooks?.[event] ?? [])
    .filter(({ matcher }) => matcher === undefined || new RegExp(`^(?:${matcher})$`).test(tool ?? ''))
    .flatMap(({ hooks }) => hooks)
    .map(({ command }) => {
      const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', command], {
        input: told,
        encoding: 'utf8',
      });
      if (status === 2) return { decision: 'block', reason: stderr };
      return status === 0 && stdout.startsWith('{') ? (JSON.parse(stdout) as HookAnswer) : {};
    });
}

/** Writes a file as its tool does. @returns what the model is told */
export function writeByTool(settings: Settings, path: string, content: string): string {
  const input = { tool_name: 'Write', tool_input: { file_path: resolve(path), content } };
  const [denied] = fire(settings, 'PreToolUse', 'Write', input).filter(
    ({ hookSpecificOutput: said }) =>
      said?.hookEventName === 'PreToolUse' && said.permissionDecision === 'deny',
  );
  if (denied !== undefined) return denied.hookSpecificOutput?.permissionDecisionReason ?? '';
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(path, `${content}\n`);
  return `wrote ${path}`;
}

/** Ends, unless a hook says no: then `mend` is done, and it ends again. @returns what it was told */
export function endByHooks(settings: Settings, mend: () => void): string[] {
  const told: string[] = [];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const answers = fire(settings, 'Stop', null, { stop_hook_active: round > 0 });
    const blocked = answers.find(({ decision }) => decision === 'block');
    if (blocked === undefined) break;
    told.push(blocked.reason ?? '');
    mend();
  }
  return told;
}

/** Where a session of this folder is kept. */
function sessionFile(id: string): string {
  const folder = process.cwd().replace(/[^a-zA-Z0-9]/g, '-');
  return join(process.env['HOME'] ?? '', '.claude', 'projects', folder, `${id}.jsonl`);
}

/** The prompts of a session; null: there is none of this name here. */
export function earlierPrompts(id: string): readonly string[] | null {
  if (!existsSync(sessionFile(id))) return null;
  const lines = readFileSync(sessionFile(id), 'utf8').trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { message: { content: string } }).message.content);
}

export function keepSession(id: string, prompts: readonly string[]): void {
  const file = sessionFile(id);
  mkdirSync(dirname(file), { recursive: true });
  const lines = prompts.map((content) =>
    JSON.stringify({ type: 'user', sessionId: id, message: { role: 'user', content } }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** The settings that it was given, as JSON. */
export function settingsOf(given: string | undefined): Settings {
  return given === undefined ? {} : (JSON.parse(given) as Settings);
}
