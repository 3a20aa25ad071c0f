/**
 * The container of an archive: POSIX ustar, plain files only, everything that could differ between two machines fixed.
 * Any `tar` unpacks it.
 */

export const TAR_BLOCK = 512;
/** What the eleven octal digits of a size can say. */
const MAX_BYTES = 8 ** 11 - 1;

export interface TarEntry {
  readonly name: string;
  /** Where its content begins. */
  readonly offset: number;
  readonly size: number;
}

/** A place where a container is not as it must be. */
export class BadTar extends Error {
  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(message);
    this.name = 'BadTar';
  }
}

/** The header of one file. @throws for a file that ustar cannot hold */
export function tarHeader(name: string, size: number): Buffer {
  if (size > MAX_BYTES) throw new Error(`${name} has ${size} bytes, more than a tar can hold`);
  const header = Buffer.alloc(TAR_BLOCK);
  header.write(name, 0, 100, 'latin1');
  const octal = (value: number, at: number, digits: number): void =>
    void header.write(`${value.toString(8).padStart(digits, '0')}\0`, at, 'latin1');
  octal(0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  header.write('        0', 148, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Zeros between the end of a content and the next header. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK);
}

/** Two blocks of zeros end a tar. */
export const TAR_END = Buffer.alloc(2 * TAR_BLOCK);

/** Bytes of a tar of files with these names and sizes. */
export function tarSize(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + TAR_BLOCK + size + tarPadding(size).length, TAR_END.length);
}

/**
 * Finds the files of a container. Every byte outside of their contents must be as `tarHeader` writes it.
 *
 * @param read gives exactly the bytes asked for, fewer only at the end
 * @param names in their order
 * @throws BadTar
 */
export async function readTar(
  read: (offset: number, length: number) => Promise<Buffer>,
  total: number,
  names: readonly string[],
): Promise<TarEntry[]> {
  const entries: TarEntry[] = [];
  let at = 0;
  for (const name of names) {
    const header = await read(at, TAR_BLOCK);
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
    if (header.length < TAR_BLOCK || !Number.isSafeInteger(size) || size < 0)
      throw new BadTar(at, `there is no header of ${name}`);
    expectBytes(at, header, tarHeader(name, size), `the header of ${name}`);
    const offset = at + TAR_BLOCK;
    const padding = tarPadding(size);
    if (offset + size + padding.length > total) throw new BadTar(total, `the file ends within ${name}`);
    expectBytes(offset + size, await read(offset + size, padding.length), padding, `the padding of ${name}`);
    entries.push({ name, offset, size });
    at = offset + size + padding.length;
  }
  expectBytes(at, await read(at, TAR_END.length), TAR_END, 'the end');
  if (total !== at + TAR_END.length) throw new BadTar(at + TAR_END.length, 'something follows the end');
  return entries;
}

function expectBytes(offset: number, found: Buffer, wanted: Buffer, what: string): void {
  for (const [index, byte] of wanted.entries()) {
    if (found[index] !== byte) throw new BadTar(offset + index, `${what} is not as it was written`);
  }
}
