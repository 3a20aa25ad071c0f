import { stringify } from 'yaml';
import { z } from 'zod';
import type { Problem } from '#domain/domain-error.js';
import { byKey, supersedeProblems, type SupersedingTask } from '#domain/plan/supersedes.js';
import { findGraphProblems, type GraphPhase } from '#domain/plan/graph.js';
import type { Spec } from '#domain/spec/spec.js';
import { pathText, type PathSegment } from '../problems.js';
import { parseSpec, type SpecError } from '../spec/parse-spec.js';
import { withPatches, type ReadFile } from './patch-files.js';
import { MAX_PROBLEMS, parsePlan, readPlanYaml } from './parse-plan.js';
import type { PlanFile } from './plan-file.js';
import type { PlanPositions } from './plan-positions.js';

/** A problem of a plan file, or of a spec's file that it names: then `file` is that path. */
export interface PlanProblem extends Problem {
  readonly file?: string;
}

export interface ResolvedSpec {
  readonly yaml: string;
  readonly hash: string;
  readonly spec: Spec;
}

export type ResolvedPlan =
  | {
      readonly ok: true;
      /** With defaults filled in; every spec is text. */
      readonly plan: PlanFile;
      /** The plan as it was written, but every spec is text: whole in itself, for whoever cannot read the files. */
      readonly document: unknown;
      readonly graph: readonly GraphPhase[];
      /** By phase and task. */
      readonly specs: readonly (readonly (ResolvedSpec | null)[])[];
    }
  | { readonly ok: false; readonly problems: readonly PlanProblem[] };

/**
 * Reads a plan file and the specs it names, and checks all of it: shapes, dependencies, specs.
 *
 * @param readFile for specs and patches of one line, which are paths relative to the plan file; null where no files can be read:
 *   they are taken as a spec's text then
 * @returns the plan, or every problem with its file, line and column
 */
export function resolvePlanFile(text: string, readFile: ReadFile | null): ResolvedPlan {
  const read = readPlanYaml(text);
  return read.ok ? resolve(read.value, readFile, read.positions) : read;
}

/** As `resolvePlanFile` for a plan that came as JSON: its problems have paths, and no lines. */
export function resolvePlanValue(value: unknown): ResolvedPlan {
  return resolve(value, null, null);
}

function resolve(written: unknown, readFile: ReadFile | null, positions: PlanPositions | null): ResolvedPlan {
  const patched =
    readFile === null ? { value: written, problems: [] } : withPatches(written, readFile, positions);
  const { value } = patched;
  const parsed = parsePlan(value, positions?.locate);
  const outline = outlineShape.safeParse(value);
  const phases = outline.success ? outline.data.phases : [];
  const graph = graphOf(phases);
  const resolver = new SpecResolver(readFile, positions);
  const specs = phases.map((phase, p) =>
    phase.tasks.map((task, t) => resolver.resolve(task.spec, ['phases', p, 'tasks', t, 'spec'])),
  );
  const unread = new Set(patched.problems.map(({ path }) => path));
  const shape = parsed.ok ? [] : parsed.problems.filter(({ path }) => !unread.has(path));
  const superseding = supersedingOf(phases, graph, specs);
  const found = [
    ...shape,
    ...graphProblems(graph, shape, positions),
    ...contractProblems(superseding, phases, shape, positions),
    ...patched.problems,
    ...resolver.problems,
  ];
  if (!parsed.ok || found.length > 0) return { ok: false, problems: inOrder(found).slice(0, MAX_PROBLEMS) };
  const plan = {
    ...parsed.plan,
    phases: parsed.plan.phases.map((phase, p) => ({
      ...phase,
      tasks: phase.tasks.map((task, t) => ({
        ...withText(task, specs[p]?.[t]),
        supersedes: task.supersedes.map((name) => byKey(superseding, name)),
      })),
    })),
  };
  return { ok: true, plan, document: documentOf(value, specs), graph, specs };
}

/**
 * As much of a plan as dependencies and specs need, so that they are checked beside what is wrong elsewhere. The limits
 * are the plan's own: they bound the work.
 */
const outlineShape = z.object({
  phases: z.array(
    z.object({
      name: z.unknown().optional(),
      mode: z.unknown().optional(),
      tasks: z.array(
        z.object({
          key: z.string().optional(),
          dependsOn: z.array(z.string()).max(200).default([]),
          supersedes: z.array(z.string()).max(200).default([]),
          spec: z.unknown().optional(),
        }),
      ),
    }),
  ),
});
type OutlinePhase = z.output<typeof outlineShape>['phases'][number];

/** A task without a key is named by its place. */
function graphOf(phases: readonly OutlinePhase[]): GraphPhase[] {
  return phases.map((phase, p) => ({
    name: String(phase.name),
    sequential: phase.mode === 'sequential',
    tasks: phase.tasks.map(({ key, dependsOn }, t) => ({ key: key ?? `${p + 1}-${t + 1}`, dependsOn })),
  }));
}

/** Without those of places whose shape is wrong already. */
function graphProblems(
  graph: readonly GraphPhase[],
  shape: readonly Problem[],
  positions: PlanPositions | null,
): Problem[] {
  const wrong = new Set(shape.map((problem) => problem.path));
  return findGraphProblems(graph)
    .map(({ phase, task, dependency, message }) => {
      const path: PathSegment[] = ['phases', phase, 'tasks', task];
      if (dependency !== undefined) path.push('dependsOn', dependency);
      return { path: pathText(path), message, ...positions?.locate(path) };
    })
    .filter((problem) => !wrong.has(problem.path));
}

/** Tasks have numbers in the order of the file. */
function supersedingOf(
  phases: readonly OutlinePhase[],
  graph: readonly GraphPhase[],
  specs: readonly (readonly (ResolvedSpec | null)[])[],
): SupersedingTask[] {
  return phases
    .flatMap((phase, p) => phase.tasks.map((task, t) => ({ task, p, t })))
    .map(({ task, p, t }, index) => ({
      key: graph[p]?.tasks[t]?.key ?? '',
      number: index + 1,
      supersedes: task.supersedes,
      proves: () => idsOf(specs[p]?.[t]?.spec ?? null),
    }));
}

function idsOf(spec: Spec | null): string[] | null {
  return spec === null ? null : [...spec.rules, ...spec.checks].map(({ id }) => id);
}

/** Without those of places whose shape is wrong already. */
function contractProblems(
  tasks: readonly SupersedingTask[],
  phases: readonly OutlinePhase[],
  shape: readonly Problem[],
  positions: PlanPositions | null,
): Problem[] {
  const wrong = new Set(shape.map((problem) => problem.path));
  const places = phases.flatMap((phase, p) => phase.tasks.map((_, t) => ['phases', p, 'tasks', t]));
  return supersedeProblems(tasks)
    .map(({ task, at, message }) => {
      const path: PathSegment[] = [...(places[task] ?? []), 'supersedes', at];
      return { path: pathText(path), message, ...positions?.locate(path) };
    })
    .filter((problem) => !wrong.has(problem.path));
}

class SpecResolver {
  readonly problems: PlanProblem[] = [];
  /** Tasks may share a file: it is read once, and what is wrong in it is said once. */
  private readonly files = new Map<string, ResolvedSpec | null>();

  constructor(
    private readonly readFile: ReadFile | null,
    private readonly positions: PlanPositions | null,
  ) {}

  /** Null where there is no spec, or none that can be used: then the problems say why, or the plan's shape does. */
  resolve(written: unknown, path: readonly PathSegment[]): ResolvedSpec | null {
    if (typeof written === 'object' && written !== null && !Array.isArray(written)) {
      return this.parse(stringify(written), (error) => {
        const place = this.positions?.locate([...path, ...segmentsOf(error.path)]);
        return { path: below(path, error), message: error.message, ...place };
      });
    }
    if (typeof written !== 'string' || written === '') return null;
    if (this.readFile !== null && !written.includes('\n')) return this.fromFile(this.readFile, written, path);
    return this.parse(written, (error) => {
      const place = this.positions?.insideText(path, error);
      if (place) return { path: below(path, error), message: error.message, ...place };
      const message = `${error.message} (line ${error.line}, column ${error.column} of the spec)`;
      return { path: pathText(path), message, ...this.positions?.locate(path) };
    });
  }

  private fromFile(readFile: ReadFile, file: string, path: readonly PathSegment[]): ResolvedSpec | null {
    const known = this.files.get(file);
    if (known !== undefined) return known;
    const read = readFile(file);
    if ('problem' in read) {
      this.problems.push({ path: pathText(path), message: read.problem, ...this.positions?.locate(path) });
      return null;
    }
    const resolved = this.parse(read.text, ({ message, line, column, path: inside }) => {
      return { file, path: inside, message, line, column };
    });
    this.files.set(file, resolved);
    return resolved;
  }

  private parse(yaml: string, toProblem: (error: SpecError) => PlanProblem): ResolvedSpec | null {
    const parsed = parseSpec(yaml);
    if (parsed.ok) return { yaml, hash: parsed.hash, spec: parsed.spec };
    this.problems.push(...parsed.errors.map(toProblem));
    return null;
  }
}

/** `rules[0].scope` as segments. */
function segmentsOf(path: string): PathSegment[] {
  return [...path.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([name, index]) =>
    index === undefined ? name : Number(index),
  );
}

function below(path: readonly PathSegment[], error: SpecError): string {
  return pathText([...path, ...segmentsOf(error.path)]);
}

/** The plan file's own problems from top to bottom, then those of each spec's file. */
function inOrder(problems: readonly PlanProblem[]): PlanProblem[] {
  const own = problems.filter((problem) => problem.file === undefined);
  const others = problems.filter((problem) => problem.file !== undefined);
  own.sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
  return [...own, ...others];
}

function withText<T extends { readonly spec?: unknown }>(
  task: T,
  resolved: ResolvedSpec | null | undefined,
): T {
  return resolved ? { ...task, spec: resolved.yaml } : task;
}

/** The value had the shape of a plan. */
function documentOf(value: unknown, specs: readonly (readonly (ResolvedSpec | null)[])[]): unknown {
  const plan = value as { readonly phases: readonly { readonly tasks: readonly object[] }[] };
  return {
    ...plan,
    phases: plan.phases.map((phase, p) => ({
      ...phase,
      tasks: phase.tasks.map((task, t) => withText(task, specs[p]?.[t])),
    })),
  };
}
