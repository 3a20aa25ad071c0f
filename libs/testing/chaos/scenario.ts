import type { BackendName } from '../queues.js';
import { planOf, type ChaosPlan } from './plan.js';
import { Random } from './random.js';

export const SERVICES = ['api', 'executor', 'executor-2', 'verifier'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Something that goes wrong with the machine. */
export type Fault =
  | { readonly kind: 'kill' | 'terminate'; readonly service: ServiceName }
  /** SIGSTOP, and SIGCONT after a while. */
  | { readonly kind: 'freeze'; readonly service: ServiceName; readonly ms: number }
  /** All services at once, as when a laptop sleeps. */
  | { readonly kind: 'freeze-all'; readonly ms: number }
  | { readonly kind: 'kill-all' | 'kill-postgres' | 'kill-redis' | 'flush-redis' }
  /** Every open row of the plan is delivered once more. */
  | { readonly kind: 'duplicate' }
  /** The lock of a ref whose git process died long ago. */
  | { readonly kind: 'stale-lock'; readonly ref: 'branch' | 'fence' };

/** Something that a person does without being asked. */
export type Whim =
  | { readonly kind: 'pause' | 'pause-now' | 'cancel' | 'signal' }
  | { readonly kind: 'skip'; readonly task: number; readonly satisfies: boolean };

/** It happens as soon as the plan has so many events: a moment of the plan, not of the clock. */
export interface Step {
  readonly after: number;
  readonly act: Fault | Whim;
}

/** All that a seed determines. */
export interface Scenario {
  readonly seed: number;
  readonly plan: ChaosPlan;
  readonly steps: readonly Step[];
}

/** So many events a task has at least, from its start to its end. */
const EVENTS_PER_TASK = 4;

/** What a run of this seed does. */
export function scenarioOf(seed: number, backend: BackendName, leaseMs: number): Scenario {
  const plan = planOf(seed);
  const tasks = plan.phases.reduce((sum, phase) => sum + phase.tasks.length, 0);
  const last = 1 + tasks * EVENTS_PER_TASK;
  const faults = steps(new Random(seed, 'faults'), last, [0.15, 0.35, 0.3, 0.2], (random) =>
    faultOf(random, backend, leaseMs),
  );
  const whims = steps(new Random(seed, 'whims'), last, [0.5, 0.35, 0.15], (random) => whimOf(random, tasks));
  return { seed, plan, steps: [...faults, ...whims].sort((a, b) => a.after - b.after) };
}

/** @param counts how probable it is that there are none, one, two … of them */
function steps(
  random: Random,
  last: number,
  counts: readonly number[],
  act: (random: Random) => Step['act'],
): Step[] {
  const weights = Object.fromEntries(counts.map((weight, count) => [String(count), weight]));
  return Array.from({ length: Number(random.weighted(weights)) }, () => ({
    after: random.between(1, last),
    act: act(random),
  }));
}

function faultOf(random: Random, backend: BackendName, leaseMs: number): Fault {
  const redis = backend === 'redis' ? 1 : 0;
  const kind = random.weighted({
    kill: 10,
    terminate: 3,
    freeze: 5,
    'freeze-all': 1,
    'kill-all': 1,
    'kill-postgres': 2,
    'kill-redis': 2 * redis,
    'flush-redis': 2 * redis,
    duplicate: 3,
    'stale-lock': 1,
  });
  const service = random.pick(SERVICES);
  // Shorter than a lease, or so long that others take the work over while its holder still believes that it has it.
  const ms = Math.round(leaseMs * random.pick([0.3, 1.2, 2]));
  if (kind === 'kill' || kind === 'terminate') return { kind, service };
  if (kind === 'freeze') return { kind, service, ms };
  if (kind === 'freeze-all') return { kind, ms };
  if (kind === 'stale-lock') return { kind, ref: random.pick(['branch', 'fence']) };
  return { kind };
}

function whimOf(random: Random, tasks: number): Whim {
  const kind = random.weighted({ pause: 4, 'pause-now': 4, cancel: 1.5, signal: 2, skip: 2 });
  if (kind !== 'skip') return { kind };
  return { kind, task: random.between(1, tasks), satisfies: random.chance(0.6) };
}
