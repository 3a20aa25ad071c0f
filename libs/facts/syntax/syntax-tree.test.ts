import fc from 'fast-check';
import type { SgNode } from '@ast-grep/napi';
import { parseForTerms } from '../extract/ast-grep.js';
import { GRAMMARS, type Grammar } from '../languages.js';
import { openGrammars } from './grammars.js';
import type { SyntaxNode } from './syntax-node.js';
import { withTree } from './with-tree.js';

beforeAll(() => openGrammars(GRAMMARS));

/** Kind and text of the named nodes, parents first. */
function outline(node: SgNode | SyntaxNode): string[] {
  const kind = node.kind() as string;
  const children: readonly (SgNode | SyntaxNode)[] = node.namedChildren();
  return [`${kind} ${node.text()}`, ...children.flatMap(outline)];
}

const PIECES: Readonly<Record<Grammar, readonly string[]>> = {
  TypeScript: ['class A<T> { #b = 1; c(d?: e) {} }', 'x ?? y`z ${1}`', 'type F = { g: h[] };', '<T>(i);'],
  Tsx: ['const a = <B c={d}>words<e.F /></B>;', 'x<T>(y as Z);', 'enum G { h = 1 }', '/[}]/g.test(`)`);'],
  JavaScript: [
    "require('a')(b);",
    'for (const {c, d: e = 1} of f) g?.[h]++;',
    '// i\n',
    'export default () => {};',
  ],
  python: [
    '@a.b\ndef c(d, *e, f=1):\n  return d @ e\n',
    'x: int = y = "z" % 1, \\\n 2\n',
    'f"{g!r}"\n',
    'h[1:2]\n',
  ],
  go: [
    'package a\n',
    'func (b *C) D(e ...int) (f, g error) { h := <-i }\n',
    'type J[K any] struct { l int `m:"n"` }\n',
  ],
  java: ['@A(b = 1) class C<D> extends E { F g = new H() {}; }', 'record I(int j) {}', 'enum K { L { } }'],
};

const source = fc.constantFrom(...GRAMMARS).chain((grammar) =>
  fc.record({
    grammar: fc.constant(grammar),
    text: fc
      .array(fc.oneof(fc.constantFrom(...PIECES[grammar]), fc.constantFrom('{', ')', '"', ' é𝒳\n', ';')), {
        maxLength: 8,
      })
      .map((pieces) => pieces.join(' ')),
  }),
);

test('a tree is the one that terms are matched on, of whole code and of broken code', () => {
  fc.assert(
    fc.property(source, ({ grammar, text }) => {
      const expected = outline(parseForTerms(grammar, text));
      expect(withTree(grammar, text, outline)).toEqual(expected);
    }),
  );
});

test('fields, ancestors and searches are those of the parser', () => {
  const text = 'a.b(c, () => d(1)); new E(f);';
  withTree('TypeScript', text, (root) => {
    const calls = root.findAll({ any: [{ kind: 'call_expression' }, { kind: 'new_expression' }] });
    expect(calls.map((call) => call.text())).toEqual(['a.b(c, () => d(1))', 'd(1)', 'new E(f)']);
    const inner = root.findAll({ kind: 'call_expression', has: { field: 'function', regex: '^d$' } });
    expect(inner.map((call) => call.field('arguments')?.text())).toEqual(['(1)']);
    const kinds = inner[0]?.ancestors().map((node) => node.kind());
    expect(kinds).toEqual([
      'arrow_function',
      'arguments',
      'call_expression',
      'expression_statement',
      'program',
    ]);
    expect(inner[0]?.parent()?.field('body')?.id()).toBe(inner[0]?.id());
  });
});

test('a search knows letters of all languages, and both cases where it says so', () => {
  const found = (text: string, regex: string) =>
    withTree('JavaScript', text, (root) =>
      root.findAll({ kind: 'identifier', regex }).map((node) => node.text()),
    );
  expect(found('größe; a', '^\\w{2,}$')).toEqual(['größe']);
  expect(found('myORM; myOther', '^\\w*(?:my|x)(?i:orm|db)$')).toEqual(['myORM']);
  expect(found('SQ; sqx', '(?i)^(sq|qb)$')).toEqual(['SQ']);
});

test('a tree of many nodes, read inside of another one, disturbs it not', () => {
  const many = 'f(x);\n'.repeat(20_000);
  withTree('JavaScript', 'outer(1);', (outer) => {
    const counted = withTree('JavaScript', many, (root) => root.findAll({ kind: 'call_expression' }).length);
    expect(counted).toBe(20_000);
    expect(outline(outer)).toEqual(outline(parseForTerms('JavaScript', 'outer(1);')));
  });
});
