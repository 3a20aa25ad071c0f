import { planEdges, type GraphPhase } from '#domain/plan/graph.js';
import { pickTasks, scopesOverlap } from '#domain/plan/schedule.js';

/** What the order of a plan follows from. Phases and tasks stand as in the graph. */
export interface OrderInput {
  readonly graph: readonly GraphPhase[];
  /** Globs by key. */
  readonly writeScopes: ReadonlyMap<string, readonly string[]>;
  readonly concurrency: number;
  /** Windows of the phases, where they have one. */
  readonly phaseConcurrency?: readonly (number | null)[];
  /** Keys of tasks that need no slot: they wait, or somebody outside has them. */
  readonly slotless?: ReadonlySet<string>;
}

export interface Collision {
  readonly tasks: readonly [string, string];
  readonly scopes: readonly [readonly string[], readonly string[]];
}

const MAX_COLLISIONS = 50;

/** Keys that start together, step after step, if all tasks took equally long and succeeded at once. */
export function previewSteps(input: OrderInput): string[][] {
  const { graph, writeScopes, concurrency, phaseConcurrency = [], slotless = new Set<string>() } = input;
  const waitsFor = dependenciesOf(graph);
  const done = new Set<string>();
  const steps: string[][] = [];
  for (const [p, phase] of graph.entries()) {
    const slots = Math.min(concurrency, phaseConcurrency[p] ?? concurrency);
    let left = phase.tasks.map((task) => task.key);
    while (left.length > 0) {
      const ready = left.filter((key) => (waitsFor.get(key) ?? []).every((other) => done.has(other)));
      const claimable = ready
        .filter((key) => !slotless.has(key))
        .map((key) => ({ id: key, writeScope: writeScopes.get(key) ?? [] }));
      const picked = new Set(pickTasks(claimable, { slots, activeScopes: [] }).map((task) => task.id));
      const step = ready.filter((key) => slotless.has(key) || picked.has(key));
      if (step.length === 0)
        throw new Error(`Nothing can start of ${left.join(', ')}: the graph has a cycle.`);
      for (const key of step) done.add(key);
      left = left.filter((key) => !done.has(key));
      steps.push(step);
    }
  }
  return steps;
}

/** Pairs that nothing but their write scopes keeps from running side by side; the first of them where there are many. */
export function findCollisions({ graph, writeScopes }: OrderInput): Collision[] {
  const waitsFor = dependenciesOf(graph);
  const collisions: Collision[] = [];
  for (const phase of graph) {
    if (phase.sequential) continue;
    const before = new Ancestors(
      phase.tasks.map((task) => task.key),
      waitsFor,
    );
    const scoped = phase.tasks.flatMap(({ key }) => {
      const scope = writeScopes.get(key) ?? [];
      return scope.length === 0 ? [] : [{ key, scope }];
    });
    for (const [index, left] of scoped.entries()) {
      for (const right of scoped.slice(index + 1)) {
        if (!scopesOverlap(left.scope, right.scope) || before.related(left.key, right.key)) continue;
        collisions.push({ tasks: [left.key, right.key], scopes: [left.scope, right.scope] });
        if (collisions.length === MAX_COLLISIONS) return collisions;
      }
    }
  }
  return collisions;
}

function dependenciesOf(graph: readonly GraphPhase[]): Map<string, string[]> {
  const waitsFor = new Map<string, string[]>();
  for (const { task, dependsOn } of planEdges(graph)) {
    const known = waitsFor.get(task);
    if (known === undefined) waitsFor.set(task, [dependsOn]);
    else known.push(dependsOn);
  }
  return waitsFor;
}

/** Who comes before whom among the tasks of one phase, directly or not: a row of bits for each task. */
class Ancestors {
  private readonly index: ReadonlyMap<string, number>;
  private readonly rows = new Map<string, Uint32Array>();

  constructor(
    keys: readonly string[],
    private readonly waitsFor: ReadonlyMap<string, readonly string[]>,
  ) {
    this.index = new Map(keys.map((key, at) => [key, at]));
  }

  related(a: string, b: string): boolean {
    return this.comesBefore(a, b) || this.comesBefore(b, a);
  }

  private comesBefore(first: string, second: string): boolean {
    const at = this.index.get(first) ?? 0;
    return (((this.rowOf(second)[at >> 5] ?? 0) >>> (at & 31)) & 1) === 1;
  }

  /** Without recursion: a chain of dependencies may be as long as a phase. */
  private rowOf(key: string): Uint32Array {
    const open = [key];
    for (let next = open.at(-1); next !== undefined; next = open.at(-1)) {
      const direct = (this.waitsFor.get(next) ?? []).filter((other) => this.index.has(other));
      const missing = direct.filter((other) => !this.rows.has(other));
      if (!this.rows.has(next) && missing.length > 0) {
        open.push(...missing);
        continue;
      }
      if (!this.rows.has(next)) this.rows.set(next, this.union(direct));
      open.pop();
    }
    return this.rows.get(key) as Uint32Array;
  }

  private union(direct: readonly string[]): Uint32Array {
    const row = new Uint32Array((this.index.size >> 5) + 1);
    for (const other of direct) {
      const at = this.index.get(other) ?? 0;
      row[at >> 5] = (row[at >> 5] ?? 0) | (1 << (at & 31));
      this.rows.get(other)?.forEach((bits, word) => (row[word] = (row[word] ?? 0) | bits));
    }
    return row;
  }
}
