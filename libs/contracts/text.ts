/** What the database can keep, and what a program can be given as an argument. */
export function isClean(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}

export const CLEAN = { message: 'must be valid Unicode without NUL: no database could keep it' };

/** Whether every key and string of a JSON value is clean, at any depth. */
export function isCleanJson(value: unknown): boolean {
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string' && !isClean(next)) return false;
    if (typeof next !== 'object' || next === null) continue;
    if (!Array.isArray(next) && !Object.keys(next).every(isClean)) return false;
    open.push(...Object.values(next));
  }
  return true;
}

/** The words of a list that a query writes with commas between. */
export function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
