import type { BlobSource, TreeFile } from '../../ports/git.port.js';
import { RANK, type Piece } from './piece.js';

const README = /^readme(?:\.(?:md|rst|txt|adoc))?$/i;
const INSTRUCTIONS = /^(?:agents|claude|contributing)\.md$/i;
const BUILD_FILES =
  /^(?:makefile|justfile|pyproject\.toml|go\.mod|cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|tsconfig\.json|docker-compose\.ya?ml)$/i;
const MAX_BYTES = 1024 * 1024;
const MAX_PACKAGES = 12;
const MAX_LINE = 400;
/** Lines of one piece: what is cut off is cut off in these. */
const CHUNK = 40;
const MAX_CHUNKS = 5;

/** What a repository says of itself: its readme, what it asks of agents, and the scripts of its packages. */
export async function documentPieces(source: BlobSource, tree: readonly TreeFile[]): Promise<Piece[]> {
  const top = tree.filter(({ path }) => !path.includes('/'));
  const packages = tree
    .filter(({ path }) => /(?:^|\/)package\.json$/.test(path) && path.split('/').length <= 3)
    .filter(({ path }) => !path.includes('node_modules/'))
    .sort((a, b) => a.path.split('/').length - b.path.split('/').length || (a.path < b.path ? -1 : 1))
    .slice(0, MAX_PACKAGES);
  const readable = (files: readonly TreeFile[]): TreeFile[] =>
    files.filter(({ size, mode }) => size > 0 && size <= MAX_BYTES && mode.startsWith('100'));
  const instructions = readable(top.filter(({ path }) => INSTRUCTIONS.test(path)));
  const readmes = readable(top.filter(({ path }) => README.test(path))).slice(0, 1);
  const manifests = readable(packages);
  const wanted = [...instructions, ...readmes, ...manifests];
  const contents = (await source.read(wanted.map(({ blob }) => blob))).map((bytes) => bytes.toString('utf8'));
  const textOf = (file: TreeFile): string => contents[wanted.indexOf(file)] ?? '';
  const build = top.filter(({ path }) => BUILD_FILES.test(path)).map(({ path }) => path);
  return [
    ...instructions.flatMap((file) => chunks('instructions', RANK.instructions, file.path, textOf(file))),
    ...readmes.flatMap((file) => chunks('readme', RANK.readme, file.path, textOf(file))),
    ...manifests.flatMap((file) => scripts(file.path, textOf(file))),
    ...(build.length === 0
      ? []
      : [{ section: 'scripts', rank: RANK.scripts, text: `Other build files: ${build.join(' ')}` } as const]),
  ];
}

/** The first part of a document is worth what its rank says; the later ones are there where there is room. */
function chunks(section: Piece['section'], rank: number, path: string, text: string): Piece[] {
  const lines = text.split(/\r?\n/).map((line) => line.slice(0, MAX_LINE));
  return Array.from({ length: Math.min(MAX_CHUNKS, Math.ceil(lines.length / CHUNK)) }, (_, at) => {
    const from = at * CHUNK;
    const part = lines.slice(from, from + CHUNK).join('\n');
    return {
      section,
      rank: at === 0 ? rank : RANK.more + at,
      text: `${path}, from line ${from + 1}:\n${part}`,
    };
  });
}

function scripts(path: string, text: string): Piece[] {
  let found: unknown;
  try {
    found = (JSON.parse(text) as { scripts?: unknown } | null)?.scripts;
  } catch {
    return [];
  }
  if (typeof found !== 'object' || found === null) return [];
  const lines = Object.entries(found)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .slice(0, CHUNK)
    .map(([name, command]) => `${name}: ${command.slice(0, MAX_LINE)}`);
  if (lines.length === 0) return [];
  return [{ section: 'scripts', rank: RANK.scripts, text: `Scripts of ${path}:\n${lines.join('\n')}` }];
}
