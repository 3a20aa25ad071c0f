/** Injection token of the actor who owns this installation: whoever shows its token acts as this one. */
export const OWNER_ID = Symbol('owner id');

/** Injection token of the facts of commits: what they declare, and what specs ask of them. */
export const FACTS = Symbol('facts');
