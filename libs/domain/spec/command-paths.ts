/** Commands that look at their arguments: these name the work that is judged, not the code that judges it. */
const INSPECTORS = new Set(
  '[ [[ test grep egrep fgrep rg cat head tail wc ls stat file find diff cmp echo printf jq cd true false'.split(
    ' ',
  ),
);

/** Files that a command reads without naming them, as globs: loosening one makes it green without any work. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  make: ['Makefile', 'makefile', 'GNUmakefile'],
  gmake: ['Makefile', 'makefile', 'GNUmakefile'],
  just: ['justfile', 'Justfile', '.justfile'],
  task: ['Taskfile.yml', 'Taskfile.yaml'],
  pytest: ['pyproject.toml', 'setup.cfg'],
  tox: ['pyproject.toml', 'setup.cfg'],
  nox: ['noxfile.py', 'pyproject.toml'],
  mypy: ['mypy.ini', '.mypy.ini', 'pyproject.toml', 'setup.cfg'],
  ruff: ['{,.}ruff.toml', 'pyproject.toml'],
  flake8: ['.flake8', 'setup.cfg', 'tox.ini'],
  tsc: ['tsconfig*.json', 'tsconfig/**'],
  eslint: ['eslint.config.*', '.eslintrc*', '.eslintignore'],
  biome: ['biome.json{,c}'],
  mvn: ['pom.xml', '.mvn/**'],
  mvnw: ['pom.xml', '.mvn/**', 'mvnw'],
  gradle: ['{build,settings}.gradle{,.kts}', 'gradle.properties', 'gradle/**'],
  gradlew: ['{build,settings}.gradle{,.kts}', 'gradle.properties', 'gradle/**', 'gradlew'],
  cargo: ['.cargo/**'],
  rake: ['Rakefile'],
  rspec: ['.rspec'],
  phpunit: ['phpunit.xml{,.dist}'],
};

const OVERRIDES: Readonly<Record<string, readonly string[]>> = {
  make: ['GNUmakefile', 'makefile'],
  gmake: ['GNUmakefile', 'makefile'],
  eslint: ['**/eslint.config.*', '**/.eslintrc{,.*}', '**/.eslintignore'],
  biome: ['**/biome.json{,c}'],
  prettier: ['**/.prettierrc{,.*}', '**/prettier.config.*', '**/.prettierignore', '**/.editorconfig'],
  stylelint: ['**/.stylelintrc{,.*}', '**/stylelint.config.*', '**/.stylelintignore'],
  mypy: ['{,.}mypy.ini'],
  pyright: ['pyrightconfig.json'],
  ruff: ['**/{,.}ruff.toml'],
  flake8: ['.flake8'],
  pylint: ['{,.}pylintrc{,.toml}'],
  'golangci-lint': ['.golangci.*'],
  rubocop: ['**/.rubocop.yml'],
  shellcheck: ['**/.shellcheckrc'],
  phpunit: ['phpunit.xml'],
  phpstan: ['phpstan.neon'],
};

const PACKAGE_RUNNERS = new Set(['npm', 'yarn', 'pnpm', 'bun']);
const SHORTHANDS = new Set(['test', 't', 'tst', 'start', 'stop', 'restart']);
const MAX_SCRIPTS = 100;

/**
 * Repository paths that decide what a check's command does: files it names and runs, what its tools read by habit,
 * and the same of the package scripts that it starts.
 */
export function pathsOfCommand(command: string, scripts: Readonly<Record<string, string>>): Set<string> {
  return new Set([...commandsOf(command, scripts)].flatMap(pathsOfWords));
}

/** Programs, and whatever else a check's command names, without folders and values: by these words tools are known. */
export function toolsOfCommand(command: string, scripts: Readonly<Record<string, string>>): Set<string> {
  const words = [...commandsOf(command, scripts)].flat();
  return new Set(words.map((word) => (word.startsWith('-') ? (word.split('=')[0] ?? '') : toolName(word))));
}

/** Globs of configuration that a command's tools prefer to what they read by habit, so that adding it changes the judge. */
export function overridesOfCommand(command: string, scripts: Readonly<Record<string, string>>): string[] {
  return [...toolsOfCommand(command, scripts)].flatMap((tool) => OVERRIDES[tool] ?? []);
}

/** The simple commands of a line and of the package scripts that it starts. */
function* commandsOf(command: string, scripts: Readonly<Record<string, string>>): Generator<string[]> {
  const seen = new Set<string>();
  const open = [command];
  while (open.length > 0 && seen.size < MAX_SCRIPTS) {
    for (const words of simpleCommands(open.pop() ?? '')) {
      yield words;
      for (const name of scriptsOfWords(words)) {
        for (const part of [`pre${name}`, name, `post${name}`]) {
          if (seen.has(part) || scripts[part] === undefined) continue;
          seen.add(part);
          open.push(scripts[part]);
        }
      }
    }
  }
}

/** Splits a shell line at its operators. Quotes are only stripped: a path that is missed here is still in the diff. */
function simpleCommands(command: string): string[][] {
  return command
    .split(/&&|\|\||[;|&\n()]/)
    .map((part) => part.split(/[\s<>"'`]+/).filter((word) => word !== '' && word !== '$'))
    .map(dropAssignments)
    .filter((words) => words.length > 0);
}

function dropAssignments(words: readonly string[]): string[] {
  const first = words.findIndex((word) => !/^\w+=/.test(word) && word !== '!' && word !== 'env');
  return first < 0 ? [] : words.slice(first);
}

function pathsOfWords(words: readonly string[]): string[] {
  const program = baseName(words[0] ?? '');
  if (INSPECTORS.has(program)) return [];
  const named = words.flatMap((word) => {
    // `--config=build/jest.js` names a file as well.
    const value = word.startsWith('-') ? word.slice(word.indexOf('=') + 1) : word;
    const path = value.replace(/^(\.\/)+/, '');
    return path === '' || path.startsWith('-') || path.startsWith('/') ? [] : [path];
  });
  const implied = words.flatMap((word) => IMPLIED[toolName(word)] ?? []);
  return [...named, ...implied];
}

function scriptsOfWords(words: readonly string[]): string[] {
  if (!PACKAGE_RUNNERS.has(baseName(words[0] ?? ''))) return [];
  const names = words.slice(1).filter((word) => !word.startsWith('-'));
  const [verb, target] = names;
  if (verb === undefined) return [];
  if (verb === 'run' || verb === 'run-script') return target === undefined ? [] : [target];
  return SHORTHANDS.has(verb) ? [verb === 't' || verb === 'tst' ? 'test' : verb] : [verb];
}

function baseName(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

/** A tool may be started by its file: `node node_modules/eslint/bin/eslint.js`. */
function toolName(word: string): string {
  return baseName(word).replace(/\.(?:[cm]?js|py|phar|sh|cmd|exe)$/, '');
}
