import type { Database } from '../database.js';
import type { PlanSpec, Repository } from '../generated/client.js';

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** Named reads of repositories and specs, as clients see them. */
export class RepositoryReader {
  constructor(private readonly db: Database) {}

  /** All repositories, by name. */
  async repositories() {
    const rows = await this.db.repository.findMany({ orderBy: [{ name: 'asc' }, { id: 'asc' }] });
    return rows.map(toRepositoryView);
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
