import { z } from 'zod';
import { outputSchemaOf } from './output-schema.js';

describe('schemas of structured outputs', () => {
  test('objects are closed at every depth, and limits are words', () => {
    const schema = z.strictObject({
      title: z.string().min(1).max(80).describe('A short title'),
      count: z.number().int().min(1).max(9),
      any: z.int(),
      kind: z.enum(['a', 'b']),
      note: z.string().nullable(),
      when: z.iso.datetime(),
      tags: z.array(z.string()).min(1).max(5),
      children: z.array(z.object({ id: z.literal('x'), later: z.string().optional() })),
    });
    expect(outputSchemaOf(schema)).toEqual({
      type: 'object',
      properties: {
        title: { type: 'string', description: 'A short title\n{minLength: 1, maxLength: 80}' },
        count: { type: 'integer', description: '{minimum: 1, maximum: 9}' },
        any: { type: 'integer' },
        kind: { type: 'string', enum: ['a', 'b'] },
        note: { type: ['string', 'null'] },
        when: { type: 'string', format: 'date-time' },
        tags: { type: 'array', items: { type: 'string' }, minItems: 1, description: '{maxItems: 5}' },
        children: {
          type: 'array',
          items: {
            type: 'object',
            properties: { id: { type: 'string', const: 'x' }, later: { type: 'string' } },
            required: ['id'],
            additionalProperties: false,
          },
        },
      },
      required: ['title', 'count', 'any', 'kind', 'note', 'when', 'tags', 'children'],
      additionalProperties: false,
    });
  });

  test('one of several forms is any of them', () => {
    const schema = z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('a'), n: z.number() }),
      z.object({ kind: z.literal('b') }),
    ]);
    expect(outputSchemaOf(z.object({ a: z.object({}).nullable() }))).toMatchObject({
      properties: { a: { anyOf: [{ type: 'object', additionalProperties: false }, { type: 'null' }] } },
    });
    const form = { type: 'object', additionalProperties: false };
    expect(outputSchemaOf(schema)).toMatchObject({ anyOf: [form, form] });
  });

  const node: z.ZodType = z.lazy(() => z.object({ children: z.array(node) }));

  test.each<[string, z.ZodType, RegExp]>([
    ['any value', z.object({ x: z.unknown() }), /any kind.*output\.x/],
    ['any key', z.object({ x: z.record(z.string(), z.string()) }), /any key.*output\.x/],
    ['a tuple', z.object({ x: z.tuple([z.string(), z.number()]) }), /tuples.*output\.x/],
    ['recursion', node, /cycle/i],
  ])('%s cannot be said, and is refused before anything is asked', (_, schema, message) => {
    expect(() => outputSchemaOf(schema)).toThrow(message);
  });
});
