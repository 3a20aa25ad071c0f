import { isMap, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import type { Problem } from '#domain/domain-error.js';
import { issuesToProblems, type PathSegment } from '../problems.js';
import { planFileSchema, type PlanFile } from './plan-file.js';

export type ParsedPlan =
  | { readonly ok: true; readonly plan: PlanFile; readonly locate: Locate }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Finds the place of a path in the source, for problems that are found after parsing. */
export type Locate = (path: readonly PathSegment[]) => { readonly line?: number; readonly column?: number };

const MAX_BYTES = 1_000_000;
const MAX_PROBLEMS = 50;

/**
 * Reads a plan from YAML text (JSON is YAML too).
 *
 * @returns the plan with defaults filled in, or every problem with its line and column
 */
export function parsePlanYaml(text: string): ParsedPlan {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    return { ok: false, problems: [{ path: '', message: 'the plan file is larger than 1 MB' }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.some((error) => error instanceof RangeError || /call stack/i.test(error.message))) {
    return { ok: false, problems: [{ path: '', message: 'the plan file is nested too deeply' }] };
  }
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, MAX_PROBLEMS).map((error) => {
      const at = lines.linePos(error.pos[0]);
      return { path: '', message: error.message, line: at.line, column: at.col };
    });
    return { ok: false, problems };
  }
  const locate: Locate = (path) => place(document, lines, path);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return { ok: false, problems: [{ path: '', message: (error as Error).message }] };
  }
  return parsePlan(value, locate);
}

/** Reads a plan from a JSON value. */
export function parsePlan(value: unknown, locate: Locate = () => ({})): ParsedPlan {
  const result = planFileSchema.safeParse(value);
  if (result.success) return { ok: true, plan: result.data, locate };
  return { ok: false, problems: issuesToProblems(result.error.issues, locate).slice(0, MAX_PROBLEMS) };
}

/** The key or value at the path; where it is absent (a missing key), its nearest parent. */
function place(
  document: Document,
  lines: LineCounter,
  path: readonly PathSegment[],
): { line?: number; column?: number } {
  let node: unknown = document.contents;
  let offset = (node as Node | null)?.range?.[0];
  for (const segment of path) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => String((item.key as { value?: unknown }).value) === String(segment),
      );
      if (pair === undefined) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(segment)] as Node | undefined;
      if (item === undefined) break;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else break;
  }
  if (offset === undefined) return {};
  const at = lines.linePos(offset);
  return { line: at.line, column: at.col };
}
