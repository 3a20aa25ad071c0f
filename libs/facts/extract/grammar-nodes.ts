import { kind, type NapiConfig } from '@ast-grep/napi';
import { parserLanguage, type Grammar } from '../languages.js';
import { ROLES, type Role } from './found-nodes.js';
import { UNCLEAR_NAMES } from './script-names.js';

/** What a grammar calls the things that facts are made of. */
export interface GrammarNodes {
  /** Names that can stand for a variable. */
  readonly variables: readonly string[];
  /** Every other name: of a property, a type, a label. */
  readonly otherNames: readonly string[];
  readonly members: readonly string[];
  readonly calls: readonly string[];
  readonly argumentLists: readonly string[];
  readonly assignments: readonly string[];
  /** Fields that hold what is assigned to. */
  readonly targets: readonly string[];
  readonly functions: readonly string[];
  /** Classes, interfaces and what else declares a type. */
  readonly types: readonly string[];
  readonly imports: readonly string[];
  readonly comments: readonly string[];
  /** Names of elements in markup. */
  readonly elements: readonly string[];
  /** Of objects and patterns: what has a name before a colon, which may be in quotes; and whether brackets may quote one. */
  readonly pairs: readonly string[];
  /** Right-hand sides that are lists: each of their items was assigned. */
  readonly lists: readonly string[];
}

const ECMASCRIPT: GrammarNodes = {
  variables: ['identifier', 'shorthand_property_identifier'],
  otherNames: [
    'property_identifier',
    'private_property_identifier',
    'shorthand_property_identifier_pattern',
    'statement_identifier',
    'type_identifier',
    'jsx_identifier',
  ],
  members: ['member_expression', 'subscript_expression', 'nested_identifier', 'nested_type_identifier'],
  calls: ['call_expression', 'new_expression'],
  argumentLists: ['arguments'],
  assignments: [
    'variable_declarator',
    'public_field_definition',
    'field_definition',
    'required_parameter',
    'enum_assignment',
    'assignment_expression',
    'augmented_assignment_expression',
    'assignment_pattern',
    'object_assignment_pattern',
  ],
  targets: ['name', 'left', 'pattern', 'property'],
  functions: [
    'function_declaration',
    'function_expression',
    'arrow_function',
    'method_definition',
    'generator_function',
    'generator_function_declaration',
  ],
  types: [
    'class_declaration',
    'abstract_class_declaration',
    'class',
    'interface_declaration',
    'type_alias_declaration',
    'enum_declaration',
  ],
  imports: ['import_statement', 'export_statement'],
  comments: ['comment', 'html_comment'],
  elements: ['jsx_opening_element', 'jsx_self_closing_element'],
  pairs: ['pair', 'pair_pattern'],
  lists: [],
};

const PYTHON: GrammarNodes = {
  variables: ['identifier'],
  otherNames: [],
  members: ['attribute', 'dotted_name', 'subscript'],
  calls: ['call'],
  argumentLists: ['argument_list'],
  assignments: [
    'named_expression',
    'default_parameter',
    'typed_default_parameter',
    'keyword_argument',
    'assignment',
    'augmented_assignment',
  ],
  targets: ['name', 'left'],
  functions: ['function_definition', 'lambda'],
  types: ['class_definition'],
  imports: ['import_statement', 'import_from_statement'],
  comments: ['comment'],
  elements: [],
  pairs: [],
  lists: ['expression_list'],
};

const GO: GrammarNodes = {
  variables: ['identifier'],
  otherNames: ['field_identifier', 'type_identifier', 'package_identifier', 'label_name'],
  members: ['selector_expression', 'qualified_type', 'index_expression'],
  calls: ['call_expression'],
  argumentLists: ['argument_list'],
  assignments: ['var_spec', 'const_spec', 'short_var_declaration', 'assignment_statement'],
  targets: ['name', 'left'],
  functions: ['function_declaration', 'method_declaration', 'func_literal'],
  types: ['type_spec', 'type_alias'],
  imports: ['import_spec'],
  comments: ['comment'],
  elements: [],
  pairs: [],
  lists: ['expression_list'],
};

const JAVA: GrammarNodes = {
  variables: ['identifier'],
  otherNames: ['type_identifier'],
  members: ['field_access', 'scoped_identifier', 'scoped_type_identifier', 'array_access'],
  calls: ['method_invocation', 'object_creation_expression', 'annotation', 'marker_annotation'],
  argumentLists: ['argument_list', 'annotation_argument_list'],
  assignments: ['variable_declarator', 'element_value_pair', 'assignment_expression'],
  targets: ['name', 'left', 'key'],
  functions: [
    'method_declaration',
    'constructor_declaration',
    'compact_constructor_declaration',
    'lambda_expression',
  ],
  types: [
    'class_declaration',
    'interface_declaration',
    'enum_declaration',
    'record_declaration',
    'annotation_type_declaration',
  ],
  imports: ['import_declaration'],
  comments: ['line_comment', 'block_comment'],
  elements: [],
  pairs: [],
  lists: [],
};

const NODES: Readonly<Record<Grammar, GrammarNodes>> = {
  TypeScript: ECMASCRIPT,
  Tsx: ECMASCRIPT,
  JavaScript: ECMASCRIPT,
  python: PYTHON,
  go: GO,
  java: JAVA,
};

/** Text that holds no names, and what is filled into it. */
const LITERALS = ['string', 'template_string', 'template_literal_type', 'regex', 'hash_bang_line'];
const HOLES = ['template_substitution', 'template_type'];
const OWN_PROPERTIES = ['property_identifier', 'private_property_identifier'];

/** The rules that find the nodes of one grammar; null where it has none of them. */
export interface GrammarRules {
  readonly nodes: GrammarNodes;
  readonly isScript: boolean;
  readonly variables: NapiConfig | null;
  readonly otherNames: NapiConfig | null;
  /** Those whose name is in quotes or brackets. */
  readonly pairs: NapiConfig | null;
  /** Declarations, imports, comments, markup and assignments. */
  readonly structure: NapiConfig | null;
  /** These, members and calls. */
  readonly whole: NapiConfig | null;
  /** These, and what tells the names of a script by its text. */
  readonly plainScript: NapiConfig | null;
  /** By kind. */
  readonly roles: ReadonlyMap<string, Role>;
}

const RULES = new Map<Grammar, GrammarRules>();

export function rulesOf(grammar: Grammar): GrammarRules {
  let rules = RULES.get(grammar);
  if (rules === undefined) RULES.set(grammar, (rules = makeRules(grammar)));
  return rules;
}

function makeRules(grammar: Grammar): GrammarRules {
  const nodes = NODES[grammar];
  const isScript = nodes === ECMASCRIPT;
  const kinds: Readonly<Record<Role, readonly string[]>> = {
    ...nodes,
    calls: [...nodes.calls, ...nodes.argumentLists],
    literals: isScript ? LITERALS : [],
    holes: isScript ? HOLES : [],
    unclear: isScript ? nodes.variables : [],
    others: isScript ? nodes.otherNames : [],
    broken: ['ERROR'],
  };
  const of = (...lists: readonly (readonly string[])[]) => ownKinds(grammar, lists.flat());
  const { functions, types, imports, comments, elements, assignments, members, calls } = kinds;
  const structure = of(functions, types, imports, comments, elements, assignments);
  const whole = [...structure, ...of(members, calls)];
  return {
    nodes,
    isScript,
    variables: ruleOf(of(nodes.variables)),
    otherNames: ruleOf(of(nodes.otherNames)),
    pairs: quotedPairs(ruleOf(of(nodes.pairs))),
    structure: ruleOf(structure),
    whole: ruleOf(whole),
    plainScript: isScript ? withNames(whole, of) : null,
    roles: new Map(ROLES.flatMap((role) => kinds[role].map((name) => [name, role] as const))),
  };
}

/** Names are told by the text but for those that are no variables and stand behind no dot, and for words of the language. */
function withNames(
  kinds: readonly string[],
  of: (...lists: readonly (readonly string[])[]) => string[],
): NapiConfig {
  const { otherNames, variables } = ECMASCRIPT;
  const others = otherNames.filter((name) => !OWN_PROPERTIES.includes(name));
  const plain = [...kinds, ...of(LITERALS, HOLES, others), 'ERROR'].map((name) => ({ kind: name }));
  const behindNoDot = of(OWN_PROPERTIES).map((name) => ({
    kind: name,
    not: { inside: { kind: 'member_expression' } },
  }));
  const unclear = { any: of(variables).map((name) => ({ kind: name })), regex: UNCLEAR_NAMES };
  return { rule: { any: [...plain, ...behindNoDot, unclear] } };
}

function quotedPairs(pairs: NapiConfig | null): NapiConfig | null {
  if (pairs === null) return null;
  const key = { field: 'key', any: [{ kind: 'string' }, { kind: 'computed_property_name' }] };
  return { rule: { all: [pairs.rule, { has: key }] } };
}

/** A grammar without a kind answers 0, and a rule that names it would be refused. */
function ownKinds(grammar: Grammar, kinds: readonly string[]): string[] {
  const language = parserLanguage(grammar);
  return kinds.filter((name) => kind(language, name) !== 0);
}

function ruleOf(kinds: readonly string[]): NapiConfig | null {
  return kinds.length === 0 ? null : { rule: { any: kinds.map((name) => ({ kind: name })) } };
}
