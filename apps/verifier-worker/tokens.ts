/** Injection token of what verification runs need. */
export const VERIFIER_DEPS = Symbol('verifier deps');
