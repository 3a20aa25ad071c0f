import { compileGlobs } from './glob.js';
import { newSuppressions } from './suppressions.js';
import type { BuiltInRule } from './spec.js';
import type { Violation } from './verdict.js';

/** A file that a candidate adds, changes or removes, with what either side holds. */
export interface ChangedContent {
  readonly path: string;
  /** Set for a rename. */
  readonly oldPath?: string;
  /** Git's mode on the candidate; `000000` where it is gone. */
  readonly mode: string;
  /** Bytes of its blob; 0 where there is none, and of a large one that the base holds anywhere. */
  readonly newBytes: number;
  /** Bytes of the same file on the base. */
  readonly oldBytes: number;
  /** Text, or the target of a link; null where there is none, or too much of it. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface BuiltInInput {
  readonly files: readonly ChangedContent[];
  /** Globs that the task was given before it started; they lift every rule of this page. */
  readonly mayChange: readonly string[];
  /** Words of the commands that the spec's checks run, by which tools are known. */
  readonly tools: ReadonlySet<string>;
}

/**
 * A candidate may bring in no larger file. A constant, so that whoever judges a commit again comes to the same verdict; a
 * task that needs one says so in `mayChange`.
 */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

const LINK = '120000';
const GITLINK = '160000';

/** What no candidate may bring in, whatever its spec says. */
export function builtInViolations(input: BuiltInInput): Violation[] {
  const allowed = compileGlobs(input.mayChange);
  const violation = (rule: BuiltInRule, file: string, message: string, line?: number): Violation => ({
    rule,
    severity: 'critical',
    message: `${message}; the task's mayChange does not name it`,
    file,
    ...(line !== undefined && { line }),
  });
  const files = input.files.filter((file) => !allowed(file.path));
  return [
    ...files.flatMap((file) => {
      const { path, mode, newBytes, oldBytes } = file;
      if (mode === GITLINK)
        return [
          violation('nested-repository', path, 'a repository inside the repository, which no rule reads'),
        ];
      if (mode === LINK && file.after !== file.before && !staysInside(path, file.after ?? ''))
        return [violation('symlink-escape', path, `a link that leads out of the tree: ${shown(file.after)}`)];
      if (newBytes > MAX_FILE_BYTES && oldBytes <= MAX_FILE_BYTES) {
        const sizes = `${newBytes} bytes, more than the ${MAX_FILE_BYTES} that a file may have`;
        return [violation('huge-file', path, sizes)];
      }
      const conflicts = conflictsIn(file.after);
      if (conflicts.length <= conflictsIn(file.before).length) return [];
      return [violation('conflict-marker', path, 'conflict markers of a merge were left', conflicts[0])];
    }),
    ...newSuppressions(input.files, input.tools)
      .filter((found) => !allowed(found.path))
      .map(({ path, line, tool, text }) => {
        const message = `a comment takes this away from ${tool}, which a check runs: ${shown(text)}`;
        return violation('suppression', path, message, line);
      }),
  ];
}

/**
 * Whether a link's target is below the root, whatever its folders are: steps up first, no more than there are folders,
 * and then down. A step up after one down could start in a folder that is itself a link.
 */
function staysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/')) return false;
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  const down = steps.findIndex((step) => step !== '..');
  const ups = down < 0 ? steps.length : down;
  const rest = steps.slice(ups);
  const depth = path.split('/').length - 1;
  if (ups > depth || rest.includes('..')) return false;
  return !rest.some((step) => step.toLowerCase() === '.git');
}

/** Lines, from 1, where a whole conflict begins: its head, its middle and its end. */
function conflictsIn(text: string | null): number[] {
  if (text?.includes('<<<<<<<') !== true) return [];
  const found: number[] = [];
  let head: number | null = null;
  let middle = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^<{7}(?: |$)/.test(line)) {
      head = index + 1;
      middle = false;
    } else if (head !== null && /^={7}$/.test(line)) middle = true;
    else if (head !== null && middle && /^>{7}(?: |$)/.test(line)) {
      found.push(head);
      head = null;
    }
  }
  return found;
}

function shown(text: string | null): string {
  const line = (text ?? '').trim();
  return line.length > 120 ? `${line.slice(0, 120)}…` : line;
}
