import { Folder, freeName } from '#domain/spec/folder.js';
import type { TreeFile } from '#engine/ports/git.port.js';
import type { ObjectReader } from './object-reader.js';

type Tree = Folder<TreeFile>;

const KEPT = 8;
/** Bounds the requests that wait for git at once. */
const AT_ONCE = 512;
const FOLDER = '040000';
const SUBMODULE = '160000';

/** One line of a tree object. */
interface Row {
  readonly name: string;
  readonly mode: string;
  readonly id: string;
}

/** A folder that no commit that was listed lately has at the same place. */
class Draft {
  readonly entries = new Map<string, TreeFile | Tree | Draft>();

  constructor(
    readonly id: string,
    /** Of the paths in it. */
    readonly prefix: string,
    /** What those commits have there. */
    readonly before: readonly Tree[],
  ) {}
}

/** A file of which only the size is not known yet; its place is kept. */
interface Fresh {
  readonly draft: Draft;
  readonly key: string;
  readonly file: Omit<TreeFile, 'size'>;
}

/**
 * Files of commits of one repository. A folder has the id of its tree: where a commit that was listed lately has the same
 * id at the same place, its folder is taken over whole. A listing reads the folders on the way to what changed, and
 * folders and files that did not change are the same objects.
 */
export class CommitTrees {
  private readonly recent = new Map<string, Promise<Tree>>();
  private readonly ids = new WeakMap<Tree, string>();

  /**
   * @param objects reads objects whole
   * @param heads tells their kinds and sizes
   */
  constructor(
    private readonly objects: ObjectReader,
    private readonly heads: ObjectReader,
  ) {}

  /** @param tree of a commit that the repository has */
  of(tree: string): Promise<Tree> {
    const known = this.recent.get(tree) ?? this.list(tree, [...this.recent.values()]);
    this.recent.delete(tree);
    this.recent.set(tree, known);
    known.catch(() => this.recent.delete(tree));
    for (const oldest of this.recent.keys()) {
      if (this.recent.size <= KEPT) break;
      this.recent.delete(oldest);
    }
    return known;
  }

  private async list(id: string, listed: readonly Promise<Tree>[]): Promise<Tree> {
    const settled = await Promise.allSettled(listed);
    const before = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    const root = new Draft(id, '', before.reverse());
    const fresh: Fresh[] = [];
    for (let level = [root]; level.length > 0;) {
      const rows = await inTurns(level, (draft) => this.rows(draft.id));
      level = level.flatMap((draft, at) => this.fill(draft, rows[at] ?? [], fresh));
    }
    const sizes = await inTurns(fresh, ({ file }) => this.sizeOf(file.blob));
    fresh.forEach(({ draft, key, file }, at) => draft.entries.set(key, { ...file, size: sizes[at] ?? 0 }));
    return this.close(root);
  }

  /** Takes over what is known. @returns the folders that are not */
  private fill(draft: Draft, rows: readonly Row[], fresh: Fresh[]): Draft[] {
    const unknown: Draft[] = [];
    for (const { name, mode, id } of rows) {
      if (mode === SUBMODULE) continue;
      const key = freeName(draft.entries, name);
      const path = draft.prefix + name;
      const before = draft.before.flatMap(({ entries }) => entries.get(key) ?? []);
      if (mode === FOLDER) {
        const folders = before.filter((entry) => entry instanceof Folder);
        const known = folders.find((folder) => this.ids.get(folder) === id);
        const entry = known ?? new Draft(id, `${path}/`, folders);
        draft.entries.set(key, entry);
        if (entry instanceof Draft) unknown.push(entry);
        continue;
      }
      const files = before.flatMap((entry) => (entry instanceof Folder ? [] : [entry]));
      const known = files.find((file) => file.blob === id && file.mode === mode);
      draft.entries.set(key, known ?? { path, mode, blob: id, size: 0 });
      if (known === undefined) fresh.push({ draft, key, file: { path, mode, blob: id } });
    }
    return unknown;
  }

  private close({ id, entries }: Draft): Tree {
    const closed = [...entries].map(
      ([key, entry]) => [key, entry instanceof Draft ? this.close(entry) : entry] as const,
    );
    const folder: Tree = new Folder(new Map(closed));
    this.ids.set(folder, id);
    return folder;
  }

  private async rows(id: string): Promise<Row[]> {
    const object = await this.objects.read(id);
    if (object?.type !== 'tree') throw new Error(`Tree ${id} is not in the repository.`);
    return rowsOf(object.content, id.length / 2);
  }

  private async sizeOf(id: string): Promise<number> {
    const object = await this.heads.read(id);
    if (object?.type !== 'blob') throw new Error(`Blob ${id} is not in the repository.`);
    return object.size;
  }
}

/** Asks in the order of the items, so many at once. */
async function inTurns<T, R>(items: readonly T[], ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  for (let at = 0; at < items.length; at += AT_ONCE)
    answers.push(...(await Promise.all(items.slice(at, at + AT_ONCE).map(ask))));
  return answers;
}

/** Of each entry: its mode, a space, its name, a zero byte and its id in bytes. */
function rowsOf(content: Buffer, idBytes: number): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    const next = end + 1 + idBytes;
    if (space < 0 || end < 0 || next > content.length)
      throw new Error('A tree of the repository is damaged.');
    rows.push({
      mode: content.toString('latin1', at, space).padStart(FOLDER.length, '0'),
      name: content.toString('utf8', space + 1, end),
      id: content.toString('hex', end + 1, next),
    });
    at = next;
  }
  return rows;
}
