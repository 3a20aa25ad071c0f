import { kind, Lang, parse } from '@ast-grep/napi';
import type { Fact } from '#domain/spec/facts.js';
import type { Grammar } from './languages.js';

/** Every node kind that is a name; comments and strings are none. */
const NAME_KINDS = [
  'identifier',
  'property_identifier',
  'private_property_identifier',
  'shorthand_property_identifier',
  'shorthand_property_identifier_pattern',
  'statement_identifier',
  'type_identifier',
  'jsx_identifier',
];

const RULES = new Map<Grammar, { rule: { any: { kind: string }[] } }>();

/** Names of one source file, one per value and line. Broken code is read as far as the grammar recovers. */
export function extractIdentifiers(source: string, grammar: Grammar): Fact[] {
  const facts = new Map<string, Fact>();
  for (const node of parse(Lang[grammar], source).root().findAll(ruleFor(grammar))) {
    const value = plain(node.text());
    const line = node.range().start.line + 1;
    facts.set(`${line}:${value}`, { value, line });
  }
  return [...facts.values()];
}

function ruleFor(grammar: Grammar): { rule: { any: { kind: string }[] } } {
  const known = RULES.get(grammar);
  if (known !== undefined) return known;
  // A grammar without a kind answers 0, and a rule that names it would be refused.
  const kinds = NAME_KINDS.filter((name) => kind(Lang[grammar], name) !== 0);
  const rule = { rule: { any: kinds.map((name) => ({ kind: name })) } };
  RULES.set(grammar, rule);
  return rule;
}

/** `leg\u0061cy` is the name `legacy` to the language: an escape must not hide a hit. */
function plain(name: string): string {
  if (!name.includes('\\')) return name;
  return name.replace(
    /\\u(?:\{([0-9a-fA-F]+)\}|([0-9a-fA-F]{4}))/g,
    (escape, braced?: string, four?: string) => {
      const code = Number.parseInt(braced ?? four ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : escape;
    },
  );
}
