import { ARCHIVE_FILES } from '#contracts/archive/envelope.js';
import type { ArchiveGit } from '../ports/archive.port.js';
import { TAR_END, tarHeader, tarPadding, tarSize } from './tar.js';

export interface ArchiveDownload {
  readonly size: number;
  readonly content: AsyncIterable<Buffer>;
}

/** The archive of a plan as one file: always the same bytes. @returns null when the hub has none */
export async function archiveFile(
  archives: ArchiveGit,
  at: { readonly repositoryId: string; readonly planId: string },
): Promise<ArchiveDownload | null> {
  const stored = await archives.readArchive(at);
  if (stored === null) return null;
  const { files } = stored;
  const { repositoryId } = at;
  async function* content(): AsyncGenerator<Buffer> {
    for (const name of ARCHIVE_FILES) {
      const { blob, size } = files[name];
      yield tarHeader(name, size);
      yield* archives.readBlob({ repositoryId, blob });
      yield tarPadding(size);
    }
    yield TAR_END;
  }
  return { size: tarSize(ARCHIVE_FILES.map((name) => files[name].size)), content: content() };
}
