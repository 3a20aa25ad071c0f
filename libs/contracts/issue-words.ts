import type { z } from 'zod';

/** How zod begins what it says by itself; anything else is what a schema says, and stays. */
const STOCK = /^(Too (big|small): |Invalid (input: |option: |UUID$|ISO date$))/;

const SORTS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };

/** What is wrong in one place, in the words of all other refusals: what it must be. */
export function issueWords(issue: z.core.$ZodIssue): string {
  return (STOCK.test(issue.message) ? wordsOf(issue) : null) ?? issue.message;
}

function wordsOf(issue: z.core.$ZodIssue): string | null {
  switch (issue.code) {
    case 'too_big':
      return bound(issue, 'most', issue.maximum);
    case 'too_small':
      return bound(issue, 'least', issue.minimum);
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'invalid_format':
      return issue.format === 'uuid' ? 'must be an id, as answers have it' : 'must be a day, as 2026-11-21';
    case 'invalid_type':
      if (issue.message.endsWith('received undefined')) return 'is missing';
      return SORTS[issue.expected] === undefined ? null : `must be ${SORTS[issue.expected]}`;
    default:
      return null;
  }
}

function bound(
  issue: z.core.$ZodIssueTooBig | z.core.$ZodIssueTooSmall,
  which: 'most' | 'least',
  limit: number | bigint,
): string | null {
  const { origin, exact = false, inclusive = false } = issue;
  if (exact || !inclusive) return null;
  const unit = UNITS[origin];
  if (unit === undefined) return `must be at ${which} ${limit}`;
  if (which === 'least' && Number(limit) === 1) return 'must not be empty';
  return `must have at ${which} ${limit}${unit}`;
}
