import { builtInViolations, MAX_FILE_BYTES, type ChangedContent } from '#domain/spec/built-in-rules.js';
import { toolsOfCommand } from '#domain/spec/command-paths.js';
import { scriptsOf } from '#domain/spec/protected-paths.js';
import type { Spec } from '#domain/spec/spec.js';
import type { Violation } from '#domain/spec/verdict.js';
import type { FileDiff, TreeFile } from '../ports/git.port.js';
import type { CommitFiles } from './commit-files.js';

/** Holds what a candidate brings in against the rules that no spec can take away. */
export async function findBuiltInViolations(input: {
  readonly before: CommitFiles;
  readonly after: CommitFiles;
  readonly spec: Spec;
  readonly diff: readonly FileDiff[];
  readonly mayChange: readonly string[];
  readonly basePackageJson: string | null;
}): Promise<Violation[]> {
  const { before, after, spec, diff, mayChange } = input;
  const files: ChangedContent[] = [];
  for (const { path, oldPath, newMode: mode } of diff) {
    const [old, now] = [before.at(oldPath ?? path), after.at(path)];
    files.push({
      path,
      ...(oldPath !== undefined && { oldPath }),
      mode,
      newBytes: now === undefined || isKnown(now, before) ? 0 : now.size,
      oldBytes: old?.size ?? 0,
      before: await textOf(before, old),
      after: await textOf(after, now),
    });
  }
  const scripts = scriptsOf(input.basePackageJson);
  const tools = new Set(spec.checks.flatMap((check) => [...toolsOfCommand(check.run, scripts)]));
  return builtInViolations({ files, mayChange, tools });
}

/** A large file that only moved was not brought in; of a smaller one nobody asks. */
function isKnown(file: TreeFile, before: CommitFiles): boolean {
  return file.size > MAX_FILE_BYTES && before.holds(file.blob);
}

/** Larger files are not looked into. */
async function textOf(files: CommitFiles, file: TreeFile | undefined): Promise<string | null> {
  return file === undefined || file.size > MAX_FILE_BYTES ? null : await files.text(file.path);
}
