import type { Grammar } from '../languages.js';
import { grammarOf } from '../syntax/grammars.js';
import { maskOf } from '../syntax/search.js';
import type { SyntaxNode } from '../syntax/syntax-node.js';

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

const GROUPS = [
  'variables',
  'otherNames',
  'members',
  'calls',
  'argumentLists',
  'assignments',
  'pairs',
  'functions',
  'types',
  'imports',
  'comments',
  'elements',
] as const;

/** The nodes of a file that facts are made of, each sort in the order of the source. */
export type SortedNodes = Readonly<Record<(typeof GROUPS)[number], readonly SyntaxNode[]>>;

const GROUP_OF_KIND = new Map<Grammar, Uint8Array>();

export function nodesOf(grammar: Grammar): GrammarNodes {
  return NODES[grammar];
}

/** One walk for all of them. */
export function sortedNodes(root: SyntaxNode, grammar: Grammar): SortedNodes {
  const [, ...lists] = root.grouped(groupsOf(grammar), GROUPS.length + 1);
  return Object.fromEntries(
    GROUPS.map((name, group) => [name, lists[group] ?? []]),
  ) as unknown as SortedNodes;
}

/** The group of each kind by its number, from 1 on. */
function groupsOf(grammar: Grammar): Uint8Array {
  const known = GROUP_OF_KIND.get(grammar);
  if (known !== undefined) return known;
  const open = grammarOf(grammar);
  const groups = new Uint8Array(open.kinds.length);
  GROUPS.forEach((name, group) => {
    maskOf(NODES[grammar][name], open).forEach((isOne, kind) => {
      if (isOne === 1) groups[kind] = group + 1;
    });
  });
  GROUP_OF_KIND.set(grammar, groups);
  return groups;
}
