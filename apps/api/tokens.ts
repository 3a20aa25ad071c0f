/** Injection token of the actor who owns this installation: whoever shows its token acts as this one. */
export const OWNER_ID = Symbol('owner id');
