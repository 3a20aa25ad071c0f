import type { SpecCheck, SpecRule, Spec } from '../spec/spec.js';
import { blocks } from '../spec/evaluate.js';
import type { StandingCheck, StandingRule } from '../spec/standing-contracts.js';

/** A task that is done, with what it proved and what it ended. */
export interface FinishedTask {
  readonly number: number;
  readonly key: string;
  readonly title: string;
  /** Where its work landed; null: an earlier commit did it. */
  readonly commit: string | null;
  readonly completedAt: Date;
  /** As it was pinned; null: nothing judged it. */
  readonly spec: Spec | null;
  /** Rules and checks that its last passing verdict found green. */
  readonly green: readonly { readonly id: string; readonly turned: boolean }[];
  /** Names of contracts, by key: `users.route`. */
  readonly supersedes: readonly string[];
}

/** A person ended a contract. */
export interface Waiver {
  /** `<task number>.<id>` */
  readonly contract: string;
  /** When the task was done whose contract it ended. */
  readonly since: Date;
  readonly actor: string;
  readonly note: string;
  readonly at: Date;
}

/** By what a contract ended. */
export type ContractEnd =
  | { readonly kind: 'superseded'; readonly task: number }
  | { readonly kind: 'waived'; readonly actor: string; readonly note: string; readonly at: Date };

/** One rule or check that a finished task proved. */
export interface Contract {
  /** `<task number>.<id>` */
  readonly name: string;
  readonly task: FinishedTask;
  readonly spec: Spec;
  readonly of: { readonly rule: SpecRule } | { readonly check: SpecCheck };
  /** Null: it stands. */
  readonly end: ContractEnd | null;
}

/**
 * Every contract of a plan, in order of tasks: of a task that turned something, or that is a guard, the rules and checks
 * that were green when it passed. A rule below its spec's `fail_at` stands only if it turned.
 *
 * @param waivers one of what the task proved before it was done anew ends nothing
 */
export function listContracts(tasks: readonly FinishedTask[], waivers: readonly Waiver[]): Contract[] {
  const supersededBy = new Map(
    [...tasks].reverse().flatMap((task) => task.supersedes.map((name) => [name, task.number] as const)),
  );
  return tasks.flatMap((task) => {
    const { spec, green, completedAt } = task;
    if (spec === null || !(spec.guard || green.some(({ turned }) => turned))) return [];
    return provenOf(spec, green).map(({ id, of }): Contract => {
      const name = `${task.number}.${id}`;
      const waiver = waivers.findLast(
        (each) => each.contract === name && each.since.getTime() === completedAt.getTime(),
      );
      const by = supersededBy.get(`${task.key}.${id}`);
      const superseded = by === undefined ? null : ({ kind: 'superseded', task: by } as const);
      return { name, task, spec, of, end: waiver ? waivedBy(waiver) : superseded };
    });
  });
}

function waivedBy({ actor, note, at }: Waiver): ContractEnd {
  return { kind: 'waived', actor, note, at };
}

function provenOf(
  { rules, checks, pass }: Spec,
  green: FinishedTask['green'],
): { readonly id: string; readonly of: Contract['of'] }[] {
  const turned = new Map(green.map((item) => [item.id, item.turned]));
  return [
    ...rules
      .filter(
        ({ id, severity }) => turned.has(id) && (turned.get(id) === true || blocks(severity, pass.failAt)),
      )
      .map((rule) => ({ id: rule.id, of: { rule } })),
    ...checks
      .filter(({ id, standing }) => turned.has(id) && standing !== false)
      .map((check) => ({ id: check.id, of: { check } })),
  ];
}

/** What a task must leave alone. */
export interface StandingContracts {
  readonly rules: readonly StandingRule[];
  readonly checks: readonly StandingCheck[];
}

/** The contracts that bind a task: those that stand, without its own and those that it supersedes. */
export function contractsBinding(
  task: { readonly number: number; readonly supersedes: readonly string[] },
  contracts: readonly Contract[],
): StandingContracts {
  const rules: StandingRule[] = [];
  const checks: StandingCheck[] = [];
  for (const { name, task: owner, spec, of, end } of contracts) {
    const id = name.slice(name.indexOf('.') + 1);
    if (end !== null || owner.number === task.number || task.supersedes.includes(`${owner.key}.${id}`))
      continue;
    const whose = { name, task: owner.number, title: owner.title };
    if ('rule' in of) rules.push({ ...whose, rule: of.rule, semantics: spec.semantics });
    else checks.push({ ...whose, check: of.check });
  }
  return { rules, checks };
}
