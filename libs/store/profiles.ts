import type {
  Profile,
  ProfileCandidate,
  ProfileFilter,
  ProfileStore,
  StoredProfile,
} from '#engine/ports/profile.port.js';
import { storableJson, storableText } from './storable.js';
import type { Sql, SqlTx } from './sql.js';

const CAPABILITIES = `coalesce((SELECT jsonb_agg(jsonb_build_object('name', c.name, 'level', c.level) ORDER BY c.name)
                       FROM agent_capabilities c WHERE c.profile_id = a.id), '[]') AS capabilities`;

const LOAD = `(SELECT count(*)::int FROM task_attempts t
                WHERE t.status = 'running' AND t.profile IS NOT NULL AND t.profile->>'slug' = a.slug) AS load`;

const PROFILES = `
  SELECT a.id, a.slug, a.type, a.mode, a.description, a.executor, a.constraints, a.tools, a.metadata, a.status,
         a.created_at AS "createdAt", a.updated_at AS "updatedAt", ${CAPABILITIES}, ${LOAD}
    FROM agent_profiles a`;

/** One JSON value: a profile with its id. Whoever has the slug keeps it. */
const CREATE = `
  WITH given AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
      AS v(id uuid, slug text, type text, mode text, description text, executor jsonb, constraints jsonb, tools jsonb,
           metadata jsonb, status text, capabilities jsonb)
  ), made AS (
    INSERT INTO agent_profiles (id, slug, type, mode, description, executor, constraints, tools, metadata, status)
    SELECT g.id, g.slug, g.type, g.mode, g.description, g.executor, g.constraints, nullif(g.tools, 'null'), g.metadata, g.status
      FROM given g WHERE NOT $2::boolean OR NOT EXISTS (SELECT 1 FROM agent_profiles)
    ON CONFLICT (slug) DO NOTHING RETURNING id
  ), able AS (
    INSERT INTO agent_capabilities (profile_id, name, level)
    SELECT g.id, c.name, c.level FROM given g JOIN made ON made.id = g.id,
           jsonb_to_recordset(g.capabilities) AS c(name text, level int)
  )
  SELECT id FROM made`;

const REPLACE = `
  UPDATE agent_profiles a
     SET type = v.type, mode = v.mode, description = v.description, executor = v.executor, constraints = v.constraints,
         tools = nullif(v.tools, 'null'), metadata = v.metadata, status = v.status, updated_at = clock_timestamp()
    FROM jsonb_to_record($2::jsonb)
      AS v(type text, mode text, description text, executor jsonb, constraints jsonb, tools jsonb, metadata jsonb, status text)
   WHERE a.id = $1::uuid`;

/** Profiles in Postgres. */
export class PostgresProfiles implements ProfileStore {
  constructor(private readonly sql: Sql) {}

  list({ status, type, capability }: ProfileFilter): Promise<StoredProfile[]> {
    return this.sql.rows<StoredProfile>(
      `${PROFILES}
        WHERE ($1::text IS NULL OR a.status = $1) AND ($2::text IS NULL OR a.type = $2)
          AND ($3::text IS NULL
               OR EXISTS (SELECT 1 FROM agent_capabilities h WHERE h.profile_id = a.id AND h.name = $3))
        ORDER BY a.slug COLLATE "C"`,
      [status ?? null, type ?? null, capability ?? null],
    );
  }

  async find(slug: string): Promise<StoredProfile | null> {
    const [row] = await this.sql.rows<StoredProfile>(`${PROFILES} WHERE a.slug = $1`, [storableText(slug)]);
    return row ?? null;
  }

  async create(id: string, profile: Profile): Promise<boolean> {
    const rows = await this.sql.rows(CREATE, [asJson([{ id, ...profile }]), false]);
    return rows.length > 0;
  }

  change(slug: string, change: (before: Profile) => Profile): Promise<boolean> {
    return this.sql.transaction(async (tx) => {
      // Locked first, read then: whoever waited for the lock sees the capabilities that the other wrote.
      const named = [storableText(slug)];
      tx.send('SELECT FROM agent_profiles WHERE slug = $1 FOR UPDATE', named);
      const [before] = await tx.rows<StoredProfile>(`${PROFILES} WHERE a.slug = $1`, named);
      if (before === undefined) return false;
      const after = change(before);
      tx.send(REPLACE, [before.id, asJson(after)]);
      tx.send('DELETE FROM agent_capabilities WHERE profile_id = $1::uuid', [before.id]);
      tx.send(
        `INSERT INTO agent_capabilities (profile_id, name, level)
         SELECT $1::uuid, c.name, c.level FROM jsonb_to_recordset($2::jsonb) AS c(name text, level int)`,
        [before.id, asJson(after.capabilities)],
      );
      return true;
    });
  }

  async seed(profiles: readonly { readonly id: string; readonly profile: Profile }[]): Promise<void> {
    const rows = profiles.map(({ id, profile }) => ({ id, ...profile }));
    await this.sql.rows(CREATE, [asJson(rows), true]);
  }
}

/** Those that a task may be given to, and those that one may name, with what they are at. */
export function profileCandidates(tx: SqlTx): Promise<ProfileCandidate[]> {
  return tx.rows(
    `SELECT a.slug, a.status, a.executor, a.constraints, a.tools, ${CAPABILITIES}, ${LOAD}
       FROM agent_profiles a ORDER BY a.slug`,
  );
}

function asJson(value: unknown): string {
  return JSON.stringify(storableJson(value));
}
