import type { Database } from '../database.js';
import type { PlanSpec, Repository } from '../generated/client.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import { UUID } from './reference-shapes.js';

/** Named reads of repositories and specs, as clients see them. */
export class RepositoryReader {
  constructor(private readonly db: Database) {}

  /**
   * Repositories, by name.
   *
   * @param query.cursor the one of the page before
   * @returns a cursor only when there may be more
   */
  async repositories({ limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined }) {
    const rows = await this.db.repository.findMany({
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      take: limit + 1,
      ...(cursor === undefined
        ? {}
        : { cursor: { id: decodeCursor('repositories', cursor, UUID) }, skip: 1 }),
    });
    const items = rows.slice(0, limit).map(toRepositoryView);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items, nextCursor: last === undefined ? null : encodeCursor('repositories', last.id) };
  }

  async repository(id: string) {
    const row = UUID.test(id) ? await this.db.repository.findUnique({ where: { id } }) : null;
    return row === null ? null : toRepositoryView(row);
  }

  async spec(id: string) {
    const row = UUID.test(id) ? await this.db.planSpec.findUnique({ where: { id } }) : null;
    return row === null ? null : toSpecView(row);
  }
}

function toRepositoryView({ id, name, origin, maxTasks, createdAt }: Repository) {
  return { id, name, origin, maxTasks, createdAt: createdAt.toISOString() };
}

function toSpecView({ id, planId, specYaml, specType, hash, createdAt }: PlanSpec) {
  return { id, planId, specYaml, specType, hash, createdAt: createdAt.toISOString() };
}
