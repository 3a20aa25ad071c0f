/** Injection token of what attempts and integrations need. */
export const EXECUTOR_DEPS = Symbol('executor deps');
