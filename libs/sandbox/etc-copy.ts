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
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { isWithin } from './readable-paths.js';

/** What programs read of `/etc`: names, certificates, time, and which of several programs is meant. */
const SHOWN =
  /^(alternatives|group|hosts|java-.*|ld\.so\.cache|localtime|nsswitch\.conf|os-release|passwd|pki|protocols|python3.*|resolv\.conf|services|ssl)$/;

/** How long a change of `/etc` may go unseen. */
const FRESH_MS = 1_000;

interface Entry {
  /** Where it comes from. */
  readonly source: string;
  /** Where it goes, below the copy. */
  readonly name: string;
  readonly kind: 'folder' | 'file' | 'link';
  /** Of a link what it says, of all else what tells that it changed. */
  readonly mark: string;
}

/**
 * A copy of the few parts of `/etc` that are shown, so that they are one mount and not a dozen. Only what everybody
 * may read is in it. It is made anew when the original changes, under another name: a start in progress has the old one.
 */
export class EtcCopy {
  private path = '';
  private checked = Number.NEGATIVE_INFINITY;

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
    if (now - this.checked < FRESH_MS) return this.path;
    const entries = shownEntries();
    const marks = entries.map(({ name, kind, mark }) => `${kind} ${name} ${mark}`).concat(this.mounted);
    const name = `etc-${createHash('sha256').update(marks.join('\n')).digest('hex').slice(0, 20)}`;
    this.path = join(this.root, name);
    if (!existsSync(this.path)) this.make(entries);
    this.checked = now;
    return this.path;
  }

  /** Complete, or not there: another process of ours may make the same one. */
  private make(entries: readonly Entry[]): void {
    mkdirSync(this.root, { recursive: true });
    const draft = mkdtempSync(join(this.root, 'etc-draft-'));
    for (const { source, name, kind, mark } of entries) {
      if (kind === 'folder') mkdirSync(join(draft, name));
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
  return readdirSync('/etc')
    .filter((name) => SHOWN.test(name))
    .flatMap((name) => {
      const path = join('/etc', name);
      if (!lstatSync(path).isSymbolicLink()) return entriesFrom(path, name);
      // What a link leads to is not shown unless it is in /usr: then it is the thing itself that is needed.
      const target = resolve('/etc', readlinkSync(path));
      if (isWithin(target, '/usr')) return [{ source: path, name, kind: 'link' as const, mark: target }];
      return existsSync(path) ? entriesFrom(realpathSync(path), name) : [];
    });
}

function entriesFrom(source: string, name: string): Entry[] {
  const found = lstatSync(source);
  if (found.isSymbolicLink()) return [{ source, name, kind: 'link', mark: readlinkSync(source) }];
  if (found.isDirectory()) {
    if ((found.mode & 0o005) !== 0o005) return [];
    const below = readdirSync(source).flatMap((child) => entriesFrom(join(source, child), join(name, child)));
    return [{ source, name, kind: 'folder', mark: '' }, ...below];
  }
  if (!found.isFile() || (found.mode & 0o004) === 0) return [];
  return [{ source, name, kind: 'file', mark: `${found.size} ${found.mtimeMs}` }];
}

function makeMountPoint(original: string, path: string): void {
  const isFolder = statSync(original).isDirectory();
  mkdirSync(isFolder ? path : dirname(path), { recursive: true });
  if (!isFolder && !existsSync(path)) writeFileSync(path, '');
}
