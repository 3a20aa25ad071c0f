import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { isWithin } from './readable-paths.js';

/** What programs read of `/etc`: names, certificates, time, and which of several programs is meant. */
const SHOWN =
  /^(alternatives|group|hosts|java-.*|ld\.so\.cache|localtime|nsswitch\.conf|os-release|passwd|pki|protocols|python3.*|resolv\.conf|services|ssl)$/;

/** How long a change of `/etc` may go unseen. */
const FRESH_MS = 2_000;

interface Entry {
  /** Where it comes from. */
  readonly source: string;
  /** Where it goes, below the copy. */
  readonly name: string;
  readonly kind: 'folder' | 'file' | 'link';
  /** Of a link what it says, of all else what tells that it changed. A link changes with its folder. */
  readonly mark: string;
}

/**
 * A copy of the few parts of `/etc` that are shown, so that they are one mount and not a dozen. Only what everybody
 * may read is in it. It is made anew when the original changes, under another name: a start in progress has the old one.
 */
export class EtcCopy {
  private path = '';
  private checked = 0;
  private entries: readonly Entry[] = [];

  /**
   * @param root a folder that no run can write to
   * @param mounted paths below `/etc` on which something is mounted: they are there, and empty
   */
  constructor(
    private readonly root: string,
    private readonly mounted: readonly string[],
  ) {}

  /** Where the copy is. */
  current(): string {
    const now = performance.now();
    if (this.path !== '' && now - this.checked < FRESH_MS) return this.path;
    this.checked = now;
    if (this.path !== '' && !this.entries.some(hasChanged) && existsSync(this.path)) return this.path;
    this.entries = shownEntries();
    const marks = this.entries.map(({ name, kind, mark }) => `${kind} ${name} ${mark}`).concat(this.mounted);
    const name = `etc-${createHash('sha256').update(marks.join('\n')).digest('hex').slice(0, 20)}`;
    this.path = join(this.root, name);
    if (!existsSync(this.path)) this.make();
    return this.path;
  }

  /** Complete, or not there: another process of ours may make the same one. */
  private make(): void {
    mkdirSync(this.root, { recursive: true });
    const draft = mkdtempSync(join(this.root, 'etc-draft-'));
    for (const { source, name, kind, mark } of this.entries) {
      if (kind === 'folder') mkdirSync(join(draft, name), { recursive: true });
      else if (kind === 'link') symlinkSync(mark, join(draft, name));
      else copyFileSync(source, join(draft, name));
    }
    for (const path of this.mounted) makeMountPoint(path, join(draft, relative('/etc', path)));
    try {
      renameSync(draft, this.path);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      if (!existsSync(this.path)) throw error;
    }
  }
}

function shownEntries(): Entry[] {
  const shown = readdirSync('/etc', { withFileTypes: true }).filter(({ name }) => SHOWN.test(name));
  const top: Entry = { source: '/etc', name: '.', kind: 'folder', mark: markOf(lstatSync('/etc')) };
  return [
    top,
    ...shown.flatMap(({ name }) => {
      const path = join('/etc', name);
      if (!lstatSync(path).isSymbolicLink()) return entriesFrom(path, name);
      // What a link leads to is not shown unless it is in /usr: then it is the thing itself that is needed.
      const target = resolve('/etc', readlinkSync(path));
      if (isWithin(target, '/usr')) return [linkTo(target, path, name)];
      return existsSync(path) ? entriesFrom(realpathSync(path), name) : [];
    }),
  ];
}

function entriesFrom(source: string, name: string): Entry[] {
  const found = lstatSync(source);
  const mark = markOf(found);
  if (found.isFile()) return (found.mode & 0o004) === 0 ? [] : [{ source, name, kind: 'file', mark }];
  if (!found.isDirectory() || (found.mode & 0o005) !== 0o005) return [];
  const below = readdirSync(source, { withFileTypes: true }).flatMap((child) => {
    const [path, inside] = [join(source, child.name), join(name, child.name)];
    return child.isSymbolicLink() ? [linkTo(readlinkSync(path), path, inside)] : entriesFrom(path, inside);
  });
  return [{ source, name, kind: 'folder', mark }, ...below];
}

function linkTo(target: string, source: string, name: string): Entry {
  return { source, name, kind: 'link', mark: target };
}

function markOf({ size, mode, mtimeMs }: Stats): string {
  return `${size} ${mode} ${mtimeMs}`;
}

function hasChanged({ source, kind, mark }: Entry): boolean {
  if (kind === 'link') return false;
  const found = lstatSync(source, { throwIfNoEntry: false });
  return found === undefined || markOf(found) !== mark;
}

function makeMountPoint(original: string, path: string): void {
  const isFolder = statSync(original).isDirectory();
  mkdirSync(isFolder ? path : dirname(path), { recursive: true });
  if (!isFolder && !existsSync(path)) writeFileSync(path, '');
}
