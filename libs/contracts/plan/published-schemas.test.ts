import { readFileSync } from 'node:fs';
import { publishedSchemas } from './published-schemas.js';

const published = publishedSchemas();

it.each(Object.keys(published))(
  'docs/schemas/%s is what the program checks; if it is not: node scripts/schemas.mjs write',
  (name) => {
    expect(JSON.parse(readFileSync(`docs/schemas/${name}`, 'utf8'))).toEqual(published[name]);
  },
);

it('a plan file needs little, knows all its keys, and describes specs that stand in it', () => {
  expect(published['plan.schema.json']).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    required: ['name', 'phases'],
    additionalProperties: false,
    properties: {
      phases: {
        items: {
          properties: {
            mode: { enum: ['sequential', 'parallel', 'manual'] },
            tasks: {
              items: {
                required: ['title'],
                properties: { spec: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/spec' }] } },
              },
            },
          },
        },
      },
    },
    $defs: { spec: { anyOf: [{ required: ['spec'] }, { required: ['rules'] }] } },
  });
});
