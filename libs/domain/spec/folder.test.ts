import fc from 'fast-check';
import { Folder, gathered, holding } from './folder.js';
import { byPath } from './path-order.js';

interface Item {
  readonly path: string;
  readonly value: number;
}

const name = fc.constantFrom('a', 'b', 'a.b', 'a-b', '\uffee', '😀');
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));
const value = fc.integer({ min: 0, max: 3 });

/** Without a path that is a file and a folder. */
const tree = fc
  .dictionary(path, value, { maxKeys: 12 })
  .map((files) => new Map(disjoint(Object.entries(files))));
const edits = fc.array(fc.dictionary(path, fc.option(value), { maxKeys: 4 }), { maxLength: 4 });

function disjoint<T>(files: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  const paths = files.map(([each]) => each);
  return files.filter(([each]) => !paths.some((other) => each.startsWith(`${other}/`)));
}

function folderOf(files: ReadonlyMap<string, number>): Folder<Item> {
  return Folder.of([...files].map(([each, held]) => ({ path: each, value: held })).sort(byPath));
}

/** The files after an edit, which may not make a file out of a folder or a folder out of a file. */
function edited(files: ReadonlyMap<string, number>, edit: Readonly<Record<string, number | null>>) {
  const next = new Map(files);
  const allowed = new Map<string, number | null>();
  for (const [each, held] of Object.entries(edit)) {
    const others = [...new Set([...next.keys(), ...allowed.keys()])];
    if (others.some((other) => other.startsWith(`${each}/`) || each.startsWith(`${other}/`))) continue;
    allowed.set(each, held);
  }
  for (const [each, held] of allowed) {
    if (held === null) next.delete(each);
    else next.set(each, held);
  }
  return { next, allowed };
}

test('a folder has its files in the order of their paths, and each at its path', () => {
  fc.assert(
    fc.property(tree, path, (files, other) => {
      const folder = folderOf(files);
      const sorted = [...files].map(([each, held]) => ({ path: each, value: held })).sort(byPath);
      expect(folder.list()).toEqual(sorted);
      for (const each of [...files.keys(), other]) expect(folder.at(each)?.value).toBe(files.get(each));
    }),
  );
});

test('what is remembered by folder is what a look at every file says, after any edits', () => {
  fc.assert(
    fc.property(tree, edits, (start, steps) => {
      const odd = (item: Item) => item.value % 2 === 1;
      const [oddOf, hasThree] = [gathered(odd), holding((item: Item) => item.value === 3)];
      let files: ReadonlyMap<string, number> = start;
      let folder = folderOf(files);
      for (const step of [{}, ...steps]) {
        const { next, allowed } = edited(files, step);
        const changes = [...allowed].map(
          ([each, held]) => [each, held === null ? null : { path: each, value: held }] as const,
        );
        folder = folder.with(new Map(changes));
        files = next;
        const all = folderOf(files).list();
        expect(folder.list()).toEqual(all);
        expect(oddOf(folder)).toEqual(all.filter(odd));
        expect(hasThree(folder)).toBe(all.some((item) => item.value === 3));
      }
    }),
  );
});

test('an edit asks again only on its way', () => {
  const asked: string[] = [];
  const all = gathered((item: Item) => asked.push(item.path) > 0);
  const files = ['a/x/1', 'a/x/2', 'a/y/3', 'b/4', '5'].map((each) => ({ path: each, value: 0 }));
  const folder = Folder.of(files);
  all(folder);
  asked.length = 0;
  const changed = folder.with(new Map([['a/y/3', { path: 'a/y/3', value: 1 }]]));
  expect(all(changed)).toHaveLength(files.length);
  expect(asked.sort()).toEqual(['5', 'a/y/3']);
  expect(changed.entries.get('b')).toBe(folder.entries.get('b'));
});

test('files of which the names read alike are all there', () => {
  const files = ['a/\ufffd', 'a/\ufffd', '\ufffd', '\ufffd'].map((each, at) => ({ path: each, value: at }));
  expect(Folder.of(files).list()).toEqual(files);
});
