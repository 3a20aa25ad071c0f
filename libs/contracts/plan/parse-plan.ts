import { LineCounter, parseDocument } from 'yaml';
import type { Problem } from '#domain/domain-error.js';
import { issuesToProblems, type Locate, type PathSegment } from '../problems.js';
import { didYouMean } from '../spec/did-you-mean.js';
import { KNOWN_PLAN_KEYS, planFileSchema, type PlanFile } from './plan-file.js';
import { PlanPositions } from './plan-positions.js';

export type ReadPlan =
  | { readonly ok: true; readonly value: unknown; readonly positions: PlanPositions }
  | { readonly ok: false; readonly problems: readonly Problem[] };

export type ParsedPlan =
  | { readonly ok: true; readonly plan: PlanFile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

const MAX_BYTES = 1_000_000;
/** Problems reported at once. */
export const MAX_PROBLEMS = 50;

/** Reads the YAML text of a plan (JSON is YAML too) as a value of any shape, with the places in it. */
export function readPlanYaml(text: string): ReadPlan {
  if (Buffer.byteLength(text) > MAX_BYTES) return refused('the plan file is larger than 1 MB');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  if (document.errors.some((error) => error instanceof RangeError || /call stack/i.test(error.message))) {
    return refused('the plan file is nested too deeply');
  }
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, MAX_PROBLEMS).map((error) => {
      const at = lines.linePos(error.pos[0]);
      return { path: '', message: error.message, line: at.line, column: at.col };
    });
    return { ok: false, problems };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return { ok: true, value, positions: new PlanPositions(text, document, lines) };
  } catch (error) {
    return refused((error as Error).message);
  }
}

/** Checks the shape of a plan. @returns the plan with defaults filled in, or every problem */
export function parsePlan(value: unknown, locate: Locate = () => ({})): ParsedPlan {
  const result = planFileSchema.safeParse(value);
  if (result.success) return { ok: true, plan: result.data };
  return { ok: false, problems: issuesToProblems(result.error.issues, locate, keyHint) };
}

function keyHint(key: string, parent: readonly PathSegment[]): string {
  const place = parent.map((segment) => (typeof segment === 'number' ? '*' : segment)).join('.');
  return didYouMean(key, KNOWN_PLAN_KEYS[place] ?? []);
}

function refused(message: string): ReadPlan {
  return { ok: false, problems: [{ path: '', message }] };
}
