import { comparePaths } from './path-order.js';

interface Placed {
  readonly path: string;
}

type Entry<F extends Placed> = F | Folder<F>;

/**
 * The files of a commit, folder by folder. A folder never changes: commits share the folders in which nothing differs,
 * so that whoever remembers something by folder looks at nothing but what changed.
 */
export class Folder<F extends Placed> {
  /** @param entries by name, as git orders them */
  constructor(readonly entries: ReadonlyMap<string, Entry<F>>) {}

  /** @param files ordered by path; of those with the same path none is lost */
  static of<F extends Placed>(files: Iterable<F>): Folder<F> {
    const root: Draft<F> = new Map();
    for (const file of files) {
      const names = file.path.split('/');
      const name = names.pop() ?? '';
      let folder = root;
      for (const each of names) folder = draftIn(folder, each);
      folder.set(freeName(folder, name), file);
    }
    return closed(root);
  }

  /** All files, in the order of the entries. */
  list(): F[] {
    const files: F[] = [];
    this.visit((file) => files.push(file));
    return files;
  }

  at(path: string): F | undefined {
    const slash = path.indexOf('/');
    const entry = this.entries.get(slash < 0 ? path : path.slice(0, slash));
    if (slash >= 0) return entry instanceof Folder ? entry.at(path.slice(slash + 1)) : undefined;
    return entry instanceof Folder ? undefined : entry;
  }

  /** The same but for these paths; null: nothing is there. Folders on the way to none of them are the same objects. */
  with(changes: ReadonlyMap<string, F | null>): Folder<F> {
    if (changes.size === 0) return this;
    const entries = new Map(this.entries);
    const inside = new Map<string, Map<string, F | null>>();
    for (const [path, file] of changes) {
      const slash = path.indexOf('/');
      if (slash >= 0) within(inside, path.slice(0, slash)).set(path.slice(slash + 1), file);
      else if (file !== null) entries.set(path, file);
      else if (!(entries.get(path) instanceof Folder)) entries.delete(path);
    }
    for (const [name, deeper] of inside) {
      const entry = entries.get(name);
      const folder = (entry instanceof Folder ? entry : new Folder<F>(new Map())).with(deeper);
      if (folder.entries.size > 0) entries.set(name, folder);
      else if (entry instanceof Folder) entries.delete(name);
    }
    const added = [...entries.keys()].some((name) => !this.entries.has(name));
    return new Folder(added ? ordered(entries) : entries);
  }

  private visit(see: (file: F) => void): void {
    for (const entry of this.entries.values()) {
      if (entry instanceof Folder) entry.visit(see);
      else see(entry);
    }
  }
}

/** An answer per folder, of its entries and of the answers of the folders in it; asked once per folder. */
function perFolder<F extends Placed, T>(
  ask: (entries: Iterable<Entry<F>>, inner: (folder: Folder<F>) => T) => T,
): (folder: Folder<F>) => T {
  const known = new WeakMap<Folder<F>, { readonly answer: T }>();
  const answerOf = (folder: Folder<F>): T => {
    let found = known.get(folder);
    if (found === undefined) known.set(folder, (found = { answer: ask(folder.entries.values(), answerOf) }));
    return found.answer;
  };
  return answerOf;
}

/** The files of a folder that are wanted, each asked once. */
export function gathered<F extends Placed>(
  wanted: (file: F) => boolean,
): (folder: Folder<F>) => readonly F[] {
  return perFolder<F, readonly F[]>((entries, inner) => {
    const files: F[] = [];
    for (const entry of entries) {
      if (entry instanceof Folder) for (const file of inner(entry)) files.push(file);
      else if (wanted(entry)) files.push(entry);
    }
    return files.length === 0 ? NONE : files;
  });
}

/** Whether a folder holds a file that is wanted. */
export function holding<F extends Placed>(wanted: (file: F) => boolean): (folder: Folder<F>) => boolean {
  return perFolder<F, boolean>((entries, inner) => {
    for (const entry of entries) if (entry instanceof Folder ? inner(entry) : wanted(entry)) return true;
    return false;
  });
}

const NONE: readonly never[] = [];

type Draft<F extends Placed> = Map<string, F | Draft<F>>;

function draftIn<F extends Placed>(folder: Draft<F>, name: string): Draft<F> {
  const found = folder.get(name);
  if (found instanceof Map) return found;
  const draft: Draft<F> = new Map();
  folder.set(freeName(folder, name), draft);
  return draft;
}

function closed<F extends Placed>(draft: Draft<F>): Folder<F> {
  return new Folder(
    new Map([...draft].map(([name, entry]) => [name, entry instanceof Map ? closed(entry) : entry])),
  );
}

/** Names that are no UTF-8 may read alike: the second is kept under a name that no path has. */
export function freeName(entries: ReadonlyMap<string, unknown>, name: string): string {
  let free = name;
  while (entries.has(free)) free += '\0';
  return free;
}

/** A folder's place among names is that of the paths in it. */
function ordered<F extends Placed>(entries: ReadonlyMap<string, Entry<F>>): Map<string, Entry<F>> {
  const keyed = [...entries].map(([name, entry]) => ({
    key: entry instanceof Folder ? `${name}/` : name,
    pair: [name, entry] as const,
  }));
  return new Map(keyed.sort((a, b) => comparePaths(a.key, b.key)).map(({ pair }) => pair));
}

function within<V>(maps: Map<string, Map<string, V>>, name: string): Map<string, V> {
  let found = maps.get(name);
  if (found === undefined) maps.set(name, (found = new Map<string, V>()));
  return found;
}
