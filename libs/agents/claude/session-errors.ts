/** A limit of the executor is reached: the session ends. The message says which, and with what figures. */
export class LimitReached extends Error {}

/** The model gave nothing to go on with. */
export class NoAnswer extends Error {}
