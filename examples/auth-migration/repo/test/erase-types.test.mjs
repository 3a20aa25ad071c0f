import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { test } from 'node:test';
import { eraseTypes } from '../tools/erase-types.mjs';

const EXAMPLES = [
  ['import type { A } from "./a.ts";', ''],
  ['export type { A } from "./a.ts";', ''],
  ['type A = { b: string; c: (d: number) => void };', ''],
  ['export interface A extends B<C> { d(e: F): G; h: { i: j } }', ''],
  [
    'function a(b: C, d?: E, f: G = h(1, { i: 2 })) { }',
    'function a(b   , d    , f    = h(1, { i: 2 })) { }',
  ],
  [
    'function a({ b, c }: D, ...e: F[]): Map<G, H[]> { }',
    'function a({ b, c }   , ...e     )              { }',
  ],
  [
    'async function a<T>(b: () => T): Promise<{ c: T }> { }',
    'async function a   (b         )                    { }',
  ],
  ['function a(b: unknown): b is C | D { }', 'function a(b         )             { }'],
  ['const a: B<C> = d ? e : f;', 'const a       = d ? e : f;'],
  ['let a: { b: C };', 'let a          ;'],
  ['const a = new Map<string, B[]>();', 'const a = new Map             ();'],
  ['const { a }: B = { a: c < d };', 'const { a }    = { a: c < d };'],
];

const UNTOUCHED = [
  'const a = "const b: C = 1;";',
  'const a = `function b(c: D) ${e ? `{ ${f({ g: 1 })}` : "}"} const h: I`;',
  '// const a: B = 1;',
  '/* interface A { b: c } */',
  'const a = /const b: C = [/"`]/.test(d) ? e / f / g : h;',
  'const a = { type: "b", interface: c, get d() { return e; } };',
  'for (const [a, b] of c) if (a < b && b > a) d(a, b);',
  'const a = { async b(c) { return c; } };',
  'label.type = a; label.new = b;',
];

for (const [typed, expected] of EXAMPLES) {
  test(`erases ${typed}`, () => assert.equal(eraseTypes(typed).trimEnd(), expected));
}

for (const source of UNTOUCHED) {
  test(`leaves ${source}`, () => assert.equal(eraseTypes(source), source));
}

test('every line and column stays where it was', () => {
  const source = 'interface Ä {\n\tb: "é😀";\r\n}\nconst c: Ä = d;';
  assert.equal(eraseTypes(source).replace(/\S/g, ' ').length, source.length);
  assert.equal(eraseTypes(source).split('\n')[3], 'const c    = d;');
});

// Where Node can erase types itself, it has to agree with us on all of Harbour.
test('Node erases the same', { skip: nodeModule.stripTypeScriptTypes === undefined }, () => {
  const files = readdirSync('.', { recursive: true }).filter((file) => /^(src|test)\b.*\.ts$/.test(file));
  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    assert.equal(eraseTypes(source), nodeModule.stripTypeScriptTypes(source), file);
  }
});
