import { DomainError } from '#domain/domain-error.js';
import type { Database } from '../database.js';

const NUMBER = /^[1-9][0-9]{0,8}$/;
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Plans of one day begin alike, so the end of an id is as good a name as its beginning. */
const PART_OF_ID = /^[0-9a-f-]{4,35}$/i;

/** Finds the plan that somebody means. */
export class PlanFinder {
  constructor(private readonly db: Database) {}

  /**
   * Finds a plan by its number, its id, the beginning or the end of its id that no other plan has, or as `latest`.
   *
   * @returns its id; null when there is none
   * @throws DomainError `invalid` when several plans are meant
   */
  async planId(reference: string): Promise<string | null> {
    if (NUMBER.test(reference)) return this.first({ number: Number(reference) });
    if (UUID.test(reference)) return this.first({ id: reference });
    if (reference === 'latest') return this.first({});
    return PART_OF_ID.test(reference) ? this.byPart(reference.toLowerCase()) : null;
  }

  private async first(where: { readonly number?: number; readonly id?: string }): Promise<string | null> {
    const row = await this.db.plan.findFirst({
      where: { ...where, deletedAt: null },
      orderBy: { number: 'desc' },
      select: { id: true },
    });
    return row?.id ?? null;
  }

  private async byPart(part: string): Promise<string | null> {
    const rows = await this.db.$queryRaw<{ id: string }[]>`
      SELECT id FROM plans
       WHERE deleted_at IS NULL
         AND (left(id::text, ${part.length}::int) = ${part} OR right(id::text, ${part.length}::int) = ${part})
       LIMIT 2`;
    if (rows.length < 2) return rows[0]?.id ?? null;
    throw new DomainError('invalid', `Several plans have an id that begins or ends with ${part}.`, {
      remedy: 'Name more of the id, or the number of the plan.',
    });
  }
}
