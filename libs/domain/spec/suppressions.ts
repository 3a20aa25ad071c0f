/** Comments by which code takes itself away from a tool. A tool is known by a word of the command that runs it. */
const SUPPRESSIONS: readonly { readonly tools: string; readonly comment: RegExp }[] = [
  { tools: 'eslint xo standard', comment: /\beslint-disable|\/\*\s*eslint(?:-env)?\s/ },
  { tools: 'oxlint', comment: /\b(?:oxlint|eslint)-disable/ },
  { tools: 'tsc vue-tsc svelte-check', comment: /@ts-(?:ignore|nocheck|expect-error)\b/ },
  {
    tools: 'nyc c8 istanbul --coverage --experimental-test-coverage',
    comment: /\b(?:istanbul|c8|v8)\s+ignore\b|\bnode:coverage\s+(?:ignore|disable)\b/,
  },
  { tools: 'biome', comment: /\bbiome-ignore/ },
  { tools: 'stylelint', comment: /\bstylelint-disable/ },
  { tools: 'prettier', comment: /\bprettier-ignore/ },
  { tools: 'mypy pyright basedpyright', comment: /#\s*(?:type|pyright|mypy):\s*(?:ignore|basic|disable)/ },
  {
    tools: 'ruff flake8 pylint pycodestyle',
    comment: /#\s*(?:(?:ruff|flake8):\s*)?noqa\b|\bpylint:\s*(?:disable|skip-file)/i,
  },
  { tools: 'coverage --cov', comment: /#\s*pragma:\s*no\s*cover/i },
  { tools: 'bandit', comment: /#\s*nosec\b/i },
  { tools: 'golangci-lint staticcheck', comment: /\/\/\s*nolint\b|\/\/lint:(?:file-)?ignore/ },
  { tools: 'clippy', comment: /#!?\[\s*(?:allow|expect)\s*\(/ },
  { tools: 'rubocop', comment: /#\s*rubocop:(?:disable|todo)/ },
  { tools: 'shellcheck', comment: /#\s*shellcheck\s+disable/ },
  { tools: 'phpstan', comment: /@phpstan-ignore/ },
  { tools: 'psalm', comment: /@psalm-suppress/ },
  { tools: 'phpcs', comment: /\bphpcs:(?:disable|ignore)/ },
  { tools: 'sonar-scanner', comment: /\bNOSONAR\b/ },
];
/** Texts for people may name such comments. */
const PROSE = /\.(?:md|markdown|txt|rst|adoc)$/i;

export interface Suppression {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly tool: string;
  readonly text: string;
}

interface Sides {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Comments against the tools that checks run which no changed file held before: code that moves brings its own along. */
export function newSuppressions(files: readonly Sides[], tools: ReadonlySet<string>): Suppression[] {
  const watched = SUPPRESSIONS.flatMap(({ tools: names, comment }) => {
    const tool = names.split(' ').find((name) => tools.has(name));
    return tool === undefined ? [] : [{ tool, comment }];
  });
  if (watched.length === 0) return [];
  const code = files.filter((file) => !PROSE.test(file.path));
  const old = new Map<string, number>();
  for (const { before, path } of code)
    for (const { text } of suppressionsIn(path, before, watched)) old.set(text, (old.get(text) ?? 0) + 1);
  return code
    .flatMap(({ path, after }) => suppressionsIn(path, after, watched))
    .filter(({ text }) => {
      const left = old.get(text) ?? 0;
      if (left > 0) old.set(text, left - 1);
      return left === 0;
    });
}

function suppressionsIn(
  path: string,
  content: string | null,
  watched: readonly { readonly tool: string; readonly comment: RegExp }[],
): Suppression[] {
  if (content === null) return [];
  return content.split('\n').flatMap((written, index) => {
    const found = watched.find(({ comment }) => comment.test(written));
    return found === undefined ? [] : [{ path, line: index + 1, tool: found.tool, text: written.trim() }];
  });
}
