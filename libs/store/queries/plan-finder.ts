import { DomainError } from '#domain/domain-error.js';
import type { Sql } from '../sql.js';
import { UUID } from './reference-shapes.js';

const NUMBER = /^[1-9][0-9]{0,8}$/;
/** Plans of one day begin alike, so the end of an id is as good a name as its beginning. */
const PART_OF_ID = /^[0-9a-f-]{4,35}$/i;

/** Finds the plan that somebody means. */
export class PlanFinder {
  constructor(private readonly sql: Sql) {}

  /**
   * Finds a plan by its number, its id, the beginning or the end of its id that no other plan has, or as `latest`.
   *
   * @returns its id; null when there is none
   * @throws DomainError `invalid` when several plans are meant
   */
  async planId(reference: string): Promise<string | null> {
    const numbered = NUMBER.test(reference) ? await this.first('number = $1', [Number(reference)]) : null;
    // Part of an id may be digits alone.
    if (numbered !== null) return numbered;
    if (UUID.test(reference)) return this.first('id = $1', [reference]);
    if (reference === 'latest') return this.first('true', []);
    return PART_OF_ID.test(reference) ? this.byPart(reference.toLowerCase()) : null;
  }

  private async first(condition: string, values: readonly unknown[]): Promise<string | null> {
    const [row] = await this.sql.rows<{ id: string }>(
      `SELECT id FROM plans WHERE ${condition} AND deleted_at IS NULL ORDER BY number DESC LIMIT 1`,
      values,
    );
    return row?.id ?? null;
  }

  private async byPart(part: string): Promise<string | null> {
    const rows = await this.sql.rows<{ id: string }>(
      'SELECT id FROM plans WHERE deleted_at IS NULL AND $1 IN (left(id::text, $2), right(id::text, $2)) LIMIT 2',
      [part, part.length],
    );
    if (rows.length < 2) return rows[0]?.id ?? null;
    throw new DomainError('invalid', `Several plans have an id that begins or ends with ${part}.`, {
      remedy: 'Name more of the id, or the number of the plan.',
    });
  }
}
