import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { mkdtemp, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';

const MAGIC = Buffer.from('PWFACTS1');
const FOOTER_BYTES = MAGIC.length + 8;
/** Packs that are being written lie in folders of this name. */
export const DRAFT = '.draft-';

/** Key, offset, stored length, checksum of the stored bytes. */
type IndexRow = readonly [key: string, offset: number, length: number, checksum: number];

/** A record as it lies on disk. */
export interface StoredRecord {
  readonly key: string;
  readonly stored: Buffer;
}

/** Prepares a record for a pack. */
export function pack(key: string, record: Buffer): StoredRecord {
  return { key, stored: deflateRawSync(record, { level: 1 }) };
}

/** One immutable file of many records. Whatever is damaged in it reads as absent. */
export class PackFile {
  private constructor(
    readonly path: string,
    readonly bytes: number,
    readonly modified: number,
    private readonly file: number,
    private readonly rows: ReadonlyMap<string, IndexRow>,
  ) {}

  /** null for what is no whole pack. */
  static open(path: string): PackFile | null {
    let file: number | null = null;
    try {
      file = openSync(path, 'r');
      const { size, mtimeMs } = fstatSync(file);
      const rows = readIndex(file, size);
      if (rows !== null) return new PackFile(path, size, mtimeMs, file, rows);
    } catch {
      // Gone meanwhile, or unreadable: as good as absent.
    }
    if (file !== null) closeSync(file);
    return null;
  }

  /**
   * Writes a pack whole or not at all; its name follows from its content.
   *
   * @returns its path
   */
  static async write(folder: string, records: readonly StoredRecord[]): Promise<string> {
    let offset = 0;
    const rows = records.map(({ key, stored }): IndexRow => {
      const row: IndexRow = [key, offset, stored.length, crc32(stored)];
      offset += stored.length;
      return row;
    });
    const index = deflateRawSync(Buffer.from(JSON.stringify(rows)));
    const footer = Buffer.alloc(8);
    footer.writeUInt32LE(index.length, 0);
    footer.writeUInt32LE(crc32(index), 4);
    const parts = [...records.map(({ stored }) => stored), index, footer, MAGIC];
    const name = parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
    const path = join(folder, `${name.slice(0, 32)}.pack`);
    const draft = await mkdtemp(join(folder, DRAFT));
    try {
      const written = join(draft, 'pack');
      const file = await open(written, 'wx');
      try {
        await file.writev(parts);
      } finally {
        await file.close();
      }
      await rename(written, path);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    return path;
  }

  keys(): IterableIterator<string> {
    return this.rows.keys();
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  /** The record as it lies here; null if it is absent or damaged. */
  stored(key: string): StoredRecord | null {
    const row = this.rows.get(key);
    if (row === undefined) return null;
    const [, offset, length, checksum] = row;
    const stored = Buffer.allocUnsafe(length);
    try {
      if (readSync(this.file, stored, 0, length, offset) !== length) return null;
    } catch {
      return null;
    }
    return crc32(stored) === checksum ? { key, stored } : null;
  }

  read(key: string): Buffer | null {
    const found = this.stored(key);
    return found === null ? null : inflateRawSync(found.stored);
  }

  close(): void {
    closeSync(this.file);
  }
}

function readIndex(file: number, size: number): ReadonlyMap<string, IndexRow> | null {
  if (size < FOOTER_BYTES) return null;
  const footer = Buffer.alloc(FOOTER_BYTES);
  readSync(file, footer, 0, FOOTER_BYTES, size - FOOTER_BYTES);
  if (!footer.subarray(8).equals(MAGIC)) return null;
  const length = footer.readUInt32LE(0);
  if (length > size - FOOTER_BYTES) return null;
  const index = Buffer.alloc(length);
  readSync(file, index, 0, length, size - FOOTER_BYTES - length);
  if (crc32(index) !== footer.readUInt32LE(4)) return null;
  const rows = JSON.parse(inflateRawSync(index).toString()) as IndexRow[];
  return new Map(rows.map((row) => [row[0], row]));
}
