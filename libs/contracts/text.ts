/** What the database can keep, and what a program can be given as an argument. */
export function isClean(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}

export const CLEAN = { message: 'must be valid Unicode without NUL: no database could keep it' };
