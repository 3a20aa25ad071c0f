import go from '@ast-grep/lang-go';
import java from '@ast-grep/lang-java';
import python from '@ast-grep/lang-python';
import { Lang, parse, registerDynamicLanguage, type SgNode } from '@ast-grep/napi';
import type { Grammar } from '../languages.js';

let registered = false;

/** A text as ast-grep reads it. What is not built in is registered once per thread, all in one call. */
export function parseForTerms(grammar: Grammar, text: string): SgNode {
  if (!registered) {
    registered = true;
    registerDynamicLanguage({ python, go, java });
  }
  const builtIn = grammar === 'TypeScript' || grammar === 'Tsx' || grammar === 'JavaScript';
  return parse(builtIn ? Lang[grammar] : grammar, text).root();
}
