import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseSpec } from './parse-spec.js';

const FOLDERS = ['examples/specs', 'examples/auth-migration/specs'];
const files = FOLDERS.flatMap((folder) => readdirSync(folder).map((name) => `${folder}/${name}`));

interface PublishedSchema {
  readonly anyOf: readonly [Record<string, unknown>, Record<string, unknown>];
}

/** The committed schema, but for which of its names a profile has: zod reads no `oneOf` beside properties. */
function published(): z.ZodType {
  const { anyOf } = JSON.parse(readFileSync('docs/schemas/spec.schema.json', 'utf8')) as PublishedSchema;
  const [strict, { oneOf, ...profile }] = anyOf;
  expect(oneOf).toEqual([
    { required: ['refactor_name'] },
    { required: ['context_name'] },
    { required: ['profile'] },
  ]);
  return z.union([z.fromJSONSchema(strict), z.fromJSONSchema(profile)]);
}

test.each(files)('%s is a spec, to the parser and to the published schema', (file) => {
  const text = readFileSync(file, 'utf8');
  const parsed = parseSpec(text);
  expect(parsed.ok ? [] : parsed.errors).toEqual([]);
  expect(published().safeParse(parse(text)).success).toBe(true);
});

test('the schema refuses what the parser refuses for its shape', () => {
  for (const text of [
    'spec: 2\nrules: []',
    'spec: 1\nrulez: []',
    'spec: 1\nrules: [{ id: a, forbid: { identifier: [a] } }]',
    'profile: x\nrules: []',
    'profile: x\nrules: [{ id: a, description: d, severity: hihg }]',
    'profile: x\nrules: [{ id: a, description: d, mtach: {} }]',
  ]) {
    expect([text, parseSpec(text).ok, published().safeParse(parse(text)).success]).toEqual([
      text,
      false,
      false,
    ]);
  }
});

test('the older profile loads both ways', () => {
  const text = readFileSync('examples/specs/older-profile.yaml', 'utf8');
  expect(parseSpec(text)).toMatchObject({ ok: true, spec: { semantics: 'auditor' } });
  expect(parseSpec(text.replace('compat: auditor\n', ''))).toMatchObject({
    ok: true,
    spec: { semantics: 'strict' },
  });
});
