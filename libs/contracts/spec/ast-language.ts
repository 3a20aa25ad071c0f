import { didYouMean } from './did-you-mean.js';

/** Languages as ast-grep names them. Whether a build parses one is said by the facts, not here. */
const LANGUAGES =
  'Bash C Cpp CSharp Css Elixir Go Haskell Hcl Html Java JavaScript Json Kotlin Lua Nix Php Python Ruby Rust Scala Solidity Sql Swift Tsx TypeScript Yaml'.split(
    ' ',
  );
const ALIASES: Readonly<Record<string, string>> = {
  'c++': 'Cpp',
  'c#': 'CSharp',
  golang: 'Go',
  js: 'JavaScript',
  jsx: 'JavaScript',
  kt: 'Kotlin',
  py: 'Python',
  rb: 'Ruby',
  rs: 'Rust',
  sh: 'Bash',
  ts: 'TypeScript',
  yml: 'Yaml',
};

/** The language that a spec means, however it writes it; a name that is none would leave its rule open for ever. */
export function astLanguage(
  written: string,
): { readonly ok: true; readonly language: string } | { readonly ok: false; readonly message: string } {
  const lower = written.toLowerCase();
  const language = LANGUAGES.find((name) => name.toLowerCase() === lower) ?? ALIASES[lower];
  if (language !== undefined) return { ok: true, language };
  const hint = didYouMean(written, LANGUAGES);
  return { ok: false, message: `'${written}' is not a language that ast-grep has a name for${hint}` };
}
