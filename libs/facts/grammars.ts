import { type Lang, parse, registerDynamicLanguage, type SgNode } from '@ast-grep/napi';
import go from '@ast-grep/lang-go';
import java from '@ast-grep/lang-java';
import python from '@ast-grep/lang-python';
import sql from '@ast-grep/lang-sql';

let registered = false;

/** The tree of a source text. */
export function parseSource(source: string, language: string): SgNode {
  if (!registered) registerDynamicLanguage({ go, java, python, sql });
  registered = true;
  return parse(language as Lang, source).root();
}
