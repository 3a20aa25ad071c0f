import type { ArchiveView } from '#contracts/api/plans.js';
import type { ArchiveRequest, ArchiveSeal } from '#domain/plan/state.js';
import type { Prisma } from '../generated/client.js';

/** What a plan shows of its archive: what was asked for, and, once it is stored, what was signed. */
export function toArchiveView(stored: Prisma.JsonValue): ArchiveView | null {
  if (stored === null) return null;
  const archive = stored as unknown as ArchiveRequest & Partial<ArchiveSeal>;
  const { at, note, forced, from, manifest = null, bundle = null, keyId = null } = archive;
  return { at, note, forced, from, manifest, bundle, keyId };
}
