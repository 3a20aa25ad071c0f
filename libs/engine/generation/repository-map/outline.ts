import type { TreeFile } from '../../ports/git.port.js';
import { RANK, type Piece } from './piece.js';
import { shared } from './words.js';

const MAX_KINDS = 6;
const MAX_FOLDERS = 150;
const MAX_NAMES = 60;
const SHALLOW = 2;

/** What a tree holds: how much of what, its folders with counts, and the names in them. */
export function outlinePieces(tree: readonly TreeFile[], words: readonly string[]): Piece[] {
  const folders = foldersOf(tree);
  const kinds = countBy(tree.map(({ path }) => kindOf(path)));
  const overview = [`${tree.length} files: ${listCounts(kinds, 12)}`, `${folders.size} folders hold files.`];
  const pieces: Piece[] = [{ section: 'overview', rank: RANK.overview, text: overview.join('\n') }];
  const shallow = [...deepCounts(tree)].sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = shallow.slice(0, MAX_FOLDERS).map(([folder, count]) => `${folder}/ ${count}`);
  if (shallow.length > MAX_FOLDERS) shown.push(`and ${shallow.length - MAX_FOLDERS} more folders`);
  if (shown.length > 0) pieces.push({ section: 'overview', rank: RANK.folders, text: shown.join('\n') });
  for (const [folder, names] of folders) {
    const near = Math.max(...names.map((name) => shared(words, `${folder}/${name}`)));
    const rank = near > 0 ? RANK.near : RANK.files;
    pieces.push({ section: 'files', rank: rank + 1 / (1 + near), text: namesIn(folder, names) });
  }
  return pieces;
}

/** Files below each folder that is at most `SHALLOW` deep. */
function deepCounts(tree: readonly TreeFile[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path } of tree) {
    const parts = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= Math.min(SHALLOW, parts.length); depth += 1) {
      const folder = parts.slice(0, depth).join('/');
      counts.set(folder, (counts.get(folder) ?? 0) + 1);
    }
  }
  return counts;
}

function foldersOf(tree: readonly TreeFile[]): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const { path } of tree) {
    const at = path.lastIndexOf('/');
    const folder = at < 0 ? '.' : path.slice(0, at);
    const names = folders.get(folder) ?? [];
    names.push(path.slice(at + 1));
    folders.set(folder, names);
  }
  return folders;
}

function namesIn(folder: string, names: readonly string[]): string {
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : '';
  return `${folder}/: ${names.slice(0, MAX_NAMES).join(' ')}${more}`;
}

function kindOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const at = name.lastIndexOf('.');
  return at <= 0 ? 'without ending' : `.${name.slice(at + 1)}`;
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function listCounts(counts: ReadonlyMap<string, number>, limit = MAX_KINDS): string {
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted
    .slice(0, limit)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}
