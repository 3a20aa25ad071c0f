import type { JudgedItem } from './check-standing.js';
import { blocks } from './evaluate.js';
import type { Spec } from './spec.js';

/** A file of a change, as git tells it. */
export interface ChangedFile {
  readonly path: string;
  readonly oldPath?: string;
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed' | 'typechange';
  readonly oldMode: string;
  readonly newMode: string;
  readonly binary: boolean;
  /** Unified diff; null where there is none. */
  readonly text: string | null;
}

/** Lines that took the place of others; with their line ends. */
export interface LineEdit {
  /** How many lines stand before them in the changed file. */
  readonly before: number;
  readonly lines: readonly string[];
  readonly was: readonly string[];
}

/** A part of a change that can be taken back alone. */
export interface Hunk {
  readonly file: string;
  /** Set where the file had another name. */
  readonly oldFile?: string;
  /** 1-based lines of the changed file; where lines are only gone: the one that followed them. 0: no lines. */
  readonly firstLine: number;
  readonly lastLine: number;
  /** null: the file as a whole, back to what it was. */
  readonly edit: LineEdit | null;
}

export type HunkPlace = Pick<Hunk, 'file' | 'firstLine' | 'lastLine'>;

/** What the rules of a task would notice of its change. */
export interface Strength {
  /** The integrated commit that was measured. */
  readonly commit: string;
  readonly hunks: number;
  /** Without them, a rule is red that fails the task. */
  readonly guarded: number;
  /** Without them, nothing is red and a rule cannot be decided. */
  readonly undecided: number;
  /** For which the time was over. */
  readonly unmeasured: number;
  /** Checks of the spec, which were not run: what they guard counts as unguarded. */
  readonly checks: number;
  /** Without them, every rule stays green. */
  readonly unguarded: readonly HunkPlace[];
}

export type HunkFate = 'guarded' | 'undecided' | 'unguarded';

/** Unguarded hunks that are listed; `hunks` and the other numbers tell how many there are. */
export const MAX_UNGUARDED = 50;

/** The parts of a change, in its order: hunks where the text of a file changed alone, else whole files. */
export function hunksOf(files: readonly ChangedFile[]): Hunk[] {
  return files.flatMap((file) => {
    const edits = file.text === null ? [] : editsOf(file.text);
    const inPlace = file.status === 'modified' && !file.binary && file.oldMode === file.newMode;
    if (inPlace && edits.length > 0)
      return edits.map((edit) => ({ file: file.path, ...linesOf(edit), edit }));
    return [wholeFile(file.path, file.oldPath, file.status === 'deleted' ? [] : edits)];
  });
}

/** The file as it would be without the hunk; null where it does not hold the hunk's lines. */
export function withoutHunk(content: string, { before, lines, was }: LineEdit): string | null {
  const all = content.split(/(?<=\n)/);
  if (lines.some((line, at) => all[before + at] !== line)) return null;
  return [...all.slice(0, before), ...was, ...all.slice(before + lines.length)].join('');
}

/** What becomes of the rules that were green, and that fail the task, where a hunk is taken back. */
export function fateOf(spec: Spec, whole: readonly JudgedItem[], without: readonly JudgedItem[]): HunkFate {
  const counted = new Set(
    spec.rules.filter((rule) => blocks(rule.severity, spec.pass.failAt)).map((rule) => rule.id),
  );
  const green = new Set(
    whole.filter(({ result }) => result.candidate === 'green').map(({ result }) => result.id),
  );
  const colours = without
    .filter(({ result }) => counted.has(result.id) && green.has(result.id))
    .map(({ result }) => result.candidate);
  if (colours.includes('red')) return 'guarded';
  return colours.includes('undecided') ? 'undecided' : 'unguarded';
}

/** @param fates by hunk, in order; fewer than there are hunks where the time was over */
export function strengthOf(
  commit: string,
  spec: Spec,
  hunks: readonly Hunk[],
  fates: readonly HunkFate[],
): Strength {
  const count = (fate: HunkFate): number => fates.filter((each) => each === fate).length;
  const unguarded = hunks
    .filter((_, at) => fates[at] === 'unguarded')
    .slice(0, MAX_UNGUARDED)
    .map(({ file, firstLine, lastLine }) => ({ file, firstLine, lastLine }));
  return {
    commit,
    hunks: hunks.length,
    guarded: count('guarded'),
    undecided: count('undecided'),
    unmeasured: hunks.length - fates.length,
    checks: spec.checks.length,
    unguarded,
  };
}

function wholeFile(file: string, oldFile: string | undefined, edits: readonly LineEdit[]): Hunk {
  const lines = edits.map(linesOf);
  return {
    file,
    ...(oldFile !== undefined && { oldFile }),
    firstLine: Math.min(...lines.map(({ firstLine }) => firstLine), ...(lines.length === 0 ? [0] : [])),
    lastLine: Math.max(0, ...lines.map(({ lastLine }) => lastLine)),
    edit: null,
  };
}

/** Without the lines around, which are the same in both. */
function linesOf({ before, lines, was }: LineEdit): Pick<Hunk, 'firstLine' | 'lastLine'> {
  let head = 0;
  while (head < Math.min(lines.length, was.length) && lines[head] === was[head]) head += 1;
  let tail = 0;
  while (
    tail < Math.min(lines.length, was.length) - head &&
    lines[lines.length - 1 - tail] === was[was.length - 1 - tail]
  )
    tail += 1;
  const firstLine = before + head + 1;
  return { firstLine, lastLine: Math.max(firstLine, before + lines.length - tail) };
}

const HEADER = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/;

function editsOf(text: string): LineEdit[] {
  const edits: { before: number; lines: string[]; was: string[] }[] = [];
  let last: string[][] = [];
  for (const line of text.split('\n')) {
    const header = HEADER.exec(line);
    const edit = edits.at(-1);
    if (header !== null) {
      // Where no line is left, git names the one before.
      const from = Number(header[1]);
      edits.push({ before: header[2] === '0' ? from : from - 1, lines: [], was: [] });
      continue;
    }
    if (edit === undefined) continue;
    const rest = `${line.slice(1)}\n`;
    if (line.startsWith('\\')) for (const list of last) list.push((list.pop() ?? '').slice(0, -1));
    else if (line.startsWith('+')) last = [edit.lines];
    else if (line.startsWith('-')) last = [edit.was];
    else if (line.startsWith(' ')) last = [edit.lines, edit.was];
    else continue;
    if (!line.startsWith('\\')) for (const list of last) list.push(rest);
  }
  return edits;
}
