/** Injection token of the actor who owns this installation: whoever shows its token acts as this one. */
export const OWNER_ID = Symbol('owner id');

/** Injection token of what reads declarations of commits. */
export const DECLARATIONS = Symbol('declarations');
