import { builtInViolations, type ChangedContent } from '#domain/spec/built-in-rules.js';
import { toolsOfCommand } from '#domain/spec/command-paths.js';
import { scriptsOf } from '#domain/spec/protected-paths.js';
import type { Spec } from '#domain/spec/spec.js';
import type { Violation } from '#domain/spec/verdict.js';
import type { BlobSource, FileDiff, TreeFile } from '../ports/git.port.js';

/** Larger files are not looked into. */
const MAX_TEXT_BYTES = 10 * 1024 * 1024;

type Tree = ReadonlyMap<string, TreeFile>;

/** Holds what a candidate brings in against the rules that no spec can take away. */
export async function findBuiltInViolations(input: {
  readonly source: BlobSource;
  readonly spec: Spec;
  readonly diff: readonly FileDiff[];
  readonly order: {
    readonly attemptBase: string;
    readonly candidate: string;
    readonly mayChange: readonly string[];
  };
  readonly basePackageJson: string | null;
}): Promise<Violation[]> {
  const { source, spec, diff, order } = input;
  const before = await treeOf(source, order.attemptBase);
  const after = await treeOf(source, order.candidate);
  const known = new Set([...before.values()].map(({ blob }) => blob));
  const files: ChangedContent[] = [];
  for (const { path, oldPath, newMode: mode } of diff) {
    const [old, now] = [before.get(oldPath ?? path), after.get(path)];
    files.push({
      path,
      ...(oldPath !== undefined && { oldPath }),
      mode,
      newBytes: now === undefined || known.has(now.blob) ? 0 : now.size,
      oldBytes: old?.size ?? 0,
      before: await textOf(source, old),
      after: await textOf(source, now),
    });
  }
  const scripts = scriptsOf(input.basePackageJson);
  const tools = new Set(spec.checks.flatMap((check) => [...toolsOfCommand(check.run, scripts)]));
  const { mayChange } = order;
  return builtInViolations({ files, mayChange, tools });
}

async function treeOf(source: BlobSource, commit: string): Promise<Tree> {
  return new Map((await source.tree(commit)).map((file) => [file.path, file]));
}

async function textOf(source: BlobSource, file: TreeFile | undefined): Promise<string | null> {
  if (file === undefined || file.size > MAX_TEXT_BYTES) return null;
  const [content] = await source.read([file.blob]);
  return content?.toString('utf8') ?? null;
}
