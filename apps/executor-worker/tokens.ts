/** Injection token of what attempts and integrations need. */
export const EXECUTOR_DEPS = Symbol('executor deps');
/** Injection token of what generations and reviews need. */
export const PLANNER_DEPS = Symbol('planner deps');
