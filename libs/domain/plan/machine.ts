/** A state machine as data: for each status, the statuses it may change to. */
export type Machine<S extends string> = { readonly [From in S]: readonly S[] };

/** Whether the machine allows the step. */
export function allows<S extends string>(machine: Machine<S>, from: S, to: S): boolean {
  return machine[from].includes(to);
}

/** All statuses from which `to` can be reached in one step. */
export function sources<S extends string>(machine: Machine<S>, to: S): S[] {
  return (Object.keys(machine) as S[]).filter((from) => allows(machine, from, to));
}

/** Whether nothing follows this status. */
export function isFinal<S extends string>(machine: Machine<S>, status: S): boolean {
  return machine[status].length === 0;
}
