/** How whoever asks may name a row; what is of no such shape names none, and is not sent to the database. */

export const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** The number of a plan, and of one of its tasks: `12.3`. */
export const TASK_NUMBERS = /^([1-9][0-9]{0,8})\.([1-9][0-9]{0,8})$/;
