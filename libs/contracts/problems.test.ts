import { z } from 'zod';
import { issuesToProblems } from './problems.js';

const said = (schema: z.ZodType, value: unknown): string[] =>
  issuesToProblems(schema.safeParse(value).error?.issues ?? []).map(({ message }) => message);

it.each<[z.ZodType, unknown, string]>([
  [z.string().min(1), '', 'must not be empty'],
  [z.string().min(2), 'a', 'must have at least 2 characters'],
  [z.string().max(3), 'abcd', 'must have at most 3 characters'],
  [z.array(z.string()).max(1), ['a', 'b'], 'must have at most 1 items'],
  [z.int().min(1), 0, 'must be at least 1'],
  [z.int().max(86_400), 86_401, 'must be at most 86400'],
  [z.int(), 1.5, 'must be a whole number'],
  [z.enum(['off', 'on']), 'maybe', 'must be one of off, on'],
  [z.literal(1), 2, 'must be 1'],
  [z.uuid(), 'x', 'must be an id, as answers have it'],
  [z.iso.date(), 'x', 'must be a day, as 2026-11-21'],
  [z.string(), undefined, 'is missing'],
  [z.boolean(), 'x', 'must be true or false'],
])('%# what a value must be is said as other refusals say it', (schema, value, message) => {
  expect(said(schema, value)).toEqual([message]);
});

it('what a schema says itself, and what there is no better word for, stays', () => {
  expect(said(z.string().regex(/^a/, 'must begin with a'), 'b')).toEqual(['must begin with a']);
  expect(said(z.number().positive(), 0)).toEqual(['Too small: expected number to be >0']);
});
