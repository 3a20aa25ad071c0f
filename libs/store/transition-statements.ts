/**
 * Set-based writes: each takes its rows as one JSON array, and is joined with the number of them, so that it is fenced off
 * unless every row was there as expected. A member that `set` does not have leaves its column as it is; where no row of a write
 * has it, the statement does not name the column, since what a statement names costs before it begins.
 */

type Column = readonly [column: string, cast: '->' | '->>' | 'int' | 'boolean'];

const TASK_COLUMNS: Readonly<Record<string, Column>> = {
  attemptCount: ['attempt_count', 'int'],
  openDependencies: ['open_dependencies', 'int'],
  retryBase: ['retry_base', 'int'],
  prompt: ['prompt', '->>'],
  executor: ['executor', '->'],
  writtenBy: ['written_by', '->>'],
  note: ['note', '->>'],
  commitSha: ['commit_sha', '->>'],
  verified: ['verified', 'boolean'],
  approvedPatch: ['approved_patch', '->>'],
};

const ATTEMPT_COLUMNS: Readonly<Record<string, Column>> = {
  baseCommit: ['base_commit', '->>'],
  specHash: ['spec_hash', '->>'],
  input: ['input', '->'],
  inputHash: ['input_hash', '->>'],
  profile: ['profile', '->'],
  executor: ['executor', '->>'],
  failure: ['failure', '->>'],
  message: ['message', '->>'],
  candidateCommit: ['candidate_commit', '->>'],
  patchId: ['patch_id', '->>'],
  violationCount: ['violation_count', 'int'],
  output: ['output', '->>'],
  result: ['result', '->'],
  sandbox: ['sandbox', '->>'],
};

/** Rows of one write; which members their sets have decides its statement. */
type Rows = readonly { readonly set: object }[];

type Columns = Readonly<Record<string, Column>>;

/** How many of the rows have a member in their sets. */
type Having = 'none' | 'some' | 'all';

/**
 * A statement for each combination of columns that rows set, composed once: the same text is also the same string, which
 * finds its name without being read.
 *
 * @param compose given the columns that some of the rows set, each with a comma after it, and who has which member
 */
function perShape(
  columns: Columns,
  compose: (setting: string, having: (member: string) => Having) => string,
  members: readonly string[] = Object.keys(columns),
): (rows: Rows) => string {
  const texts = new Map<string, string>();
  return (rows) => {
    const having = (member: string): Having => {
      const count = rows.reduce((sum, { set }) => sum + (member in set ? 1 : 0), 0);
      return count === 0 ? 'none' : count === rows.length ? 'all' : 'some';
    };
    const shape = members.map(having).join(' ');
    let text = texts.get(shape);
    if (text === undefined) {
      text = compose(setting(columns, having), having);
      texts.set(shape, text);
    }
    return text;
  };
}

/** The columns that some of the rows set, each with a comma after it. */
function setting(columns: Columns, having: (member: string) => Having): string {
  const parts = Object.entries(columns).flatMap(([member, [column, cast]]) => {
    const have = having(member);
    if (have === 'none') return [];
    const value = cast.startsWith('-') ? `v."set"${cast}'${member}'` : `(v."set"->>'${member}')::${cast}`;
    return have === 'all'
      ? [`${column} = ${value}, `]
      : [`${column} = CASE WHEN v."set" ? '${member}' THEN ${value} ELSE w.${column} END, `];
  });
  return parts.join('');
}

const text = (member: string, column: string) =>
  `${column} = CASE WHEN v."set" ? '${member}' THEN v."set"->>'${member}' ELSE w.${column} END`;
const json = (member: string, column: string) =>
  `${column} = CASE WHEN v."set" ? '${member}' THEN v."set"->'${member}' ELSE w.${column} END`;
const int = (member: string, column: string) =>
  `${column} = CASE WHEN v."set" ? '${member}' THEN (v."set"->>'${member}')::int ELSE w.${column} END`;

export const MOVE_PHASES = `
  UPDATE phases w
      SET status = v."to",
          started_at = CASE WHEN v."to" = 'running' THEN $2::timestamptz ELSE w.started_at END,
          -- A rewind opens what had ended.
          finished_at = CASE WHEN v.ended THEN $2::timestamptz END
     FROM jsonb_to_recordset($1::jsonb) AS v(id uuid, "from" text, "to" text, ended boolean)
    WHERE w.id = v.id AND w.status = v."from"`;

export const moveTasks = perShape(
  TASK_COLUMNS,
  (columns, having) => `
   UPDATE plan_tasks w
      SET ${columns}${having('approvedBy') === 'none' ? '' : APPROVAL}
          status = v."to",
          announced_at = NULL,
          not_before = $2::timestamptz + (v."set"->>'notBeforeMs')::float8 * interval '1 millisecond',
          started_at = CASE WHEN v."to" IN ('executing', 'claimed') THEN $2::timestamptz ELSE w.started_at END,
          completed_at = CASE WHEN v."to" IN ('completed', 'satisfied') THEN $2::timestamptz END
     FROM jsonb_to_recordset($1::jsonb) AS v(id uuid, "from" text, "to" text, "set" jsonb, actor uuid)
    WHERE w.id = v.id AND w.status = v."from"`,
  [...Object.keys(TASK_COLUMNS), 'approvedBy'],
);

const APPROVAL = `
          approved_by = CASE WHEN v."set"->>'approvedBy' IS NOT NULL THEN v.actor
                             WHEN NOT v."set" ? 'approvedBy' THEN w.approved_by END,
          approved_at = CASE WHEN v."set"->>'approvedBy' IS NOT NULL THEN $2::timestamptz
                             WHEN NOT v."set" ? 'approvedBy' THEN w.approved_at END,`;

/** By the id: an index on the status has the running rows of all plans. */
const LEASED = `jsonb_to_recordset($1::jsonb)
       AS v(id uuid, token int, epoch int, lease text, "from" text, "to" text, "set" jsonb)
    WHERE w.id = v.id AND (w.status = v."from") IS TRUE AND w.token = v.token AND w.epoch = v.epoch`;

/** A claim raises the token and takes the lease; giving up a claim clears it. */
const LEASE = `token = CASE WHEN v.lease = 'take' THEN w.token + 1 ELSE w.token END,
          holder = CASE WHEN v.lease = 'take' THEN $4::text ELSE w.holder END,
          lease_until = CASE v.lease WHEN 'take' THEN $2::timestamptz + $3::int * interval '1 millisecond'
                                     WHEN 'clear' THEN NULL ELSE w.lease_until END`;

export const moveAttempts = perShape(
  ATTEMPT_COLUMNS,
  (columns) => `
   UPDATE task_attempts w
      SET ${columns}
          status = v."to",
          ${LEASE},
          started_at = CASE WHEN v."to" = 'running' THEN $2::timestamptz ELSE w.started_at END,
          finished_at = CASE WHEN v."to" = 'running' THEN w.finished_at ELSE $2::timestamptz END
     FROM ${LEASED}`,
);

export const MOVE_RUNS = `
  UPDATE verification_runs w
      SET status = v."to",
          ${LEASE},
          ${json('verdict', 'verdict')},
          ${json('judgedUnder', 'judged_under')},
          started_at = CASE WHEN v."to" = 'running' THEN $2::timestamptz ELSE w.started_at END,
          finished_at = CASE WHEN (v."set"->>'ended')::boolean THEN $2::timestamptz ELSE w.finished_at END
     FROM ${LEASED}`;

export const MOVE_INTEGRATIONS = `
  UPDATE integrations w
      SET status = v."to",
          ${LEASE},
          ${text('ontoCommit', 'onto_commit')},
          ${text('resultCommit', 'result_commit')},
          ${text('patchId', 'patch_id')},
          ${text('message', 'message')},
          ${int('intentToken', 'intent_token')},
          ${text('intentOldTip', 'intent_old_tip')},
          ${text('intentNewTip', 'intent_new_tip')},
          -- Waiting for a worker counts from here, not from the delivery before.
          delivered_at = CASE WHEN v."to" IN ('verified', 'queued') THEN $2::timestamptz ELSE w.delivered_at END,
          finished_at = CASE WHEN (v."set"->>'ended')::boolean THEN $2::timestamptz ELSE w.finished_at END
     FROM ${LEASED}`;

/** One that is claimed as it is made has its token and lease at once; one in a person's hands has no lease. */
export const NEW_ATTEMPTS = `
  INSERT INTO task_attempts (id, plan_id, task_id, number, epoch, status, token, holder, lease_until, lease_seconds,
                             by_hand, actor_id, base_commit, candidate_commit, spec_hash, input, input_hash, delivered_at,
                             started_at, finished_at)
  SELECT v.id, $1::uuid, v."taskId", v.number, $2::int, coalesce(v.status, 'queued'),
         CASE WHEN v.leased THEN 1 ELSE 0 END, CASE WHEN v.leased THEN $6::text END,
         CASE WHEN v.leased THEN $4::timestamptz + $5::int * interval '1 millisecond'
              ELSE $4::timestamptz + v."leaseSeconds" * interval '1 second' END,
         v."leaseSeconds", coalesce(v."byHand", false),
         v."actorId", v."baseCommit", v."candidateCommit", v."specHash", v.input, v."inputHash",
         CASE WHEN v.leased OR v."leaseSeconds" IS NOT NULL THEN $4::timestamptz END,
         CASE WHEN v.status IN ('running', 'executed') THEN $4::timestamptz END,
         CASE WHEN v.status = 'executed' THEN $4::timestamptz END
    FROM jsonb_to_recordset($3::jsonb)
      AS v(id uuid, "taskId" uuid, number int, status text, leased boolean, "leaseSeconds" int, "byHand" boolean, "actorId" uuid,
           "baseCommit" text, "candidateCommit" text, "specHash" text, input jsonb, "inputHash" text)`;

export const NEW_RUNS = `
  INSERT INTO verification_runs (id, plan_id, task_id, attempt_id, integration_id, "commit", base_commit, epoch, status)
  SELECT v.id, $1::uuid, v."taskId", v."attemptId", v."integrationId", v."commit", v."baseCommit", $2::int, 'queued'
    FROM jsonb_to_recordset($3::jsonb)
      AS v(id uuid, "taskId" uuid, "attemptId" uuid, "integrationId" uuid, "commit" text, "baseCommit" text)`;

export const NEW_INTEGRATIONS = `
  INSERT INTO integrations (id, plan_id, task_id, attempt_id, candidate_commit, epoch, status, delivered_at)
  SELECT v.id, $1::uuid, v."taskId", v."attemptId", v."candidateCommit", $2::int, 'queued', $4::timestamptz
    FROM jsonb_to_recordset($3::jsonb) AS v(id uuid, "taskId" uuid, "attemptId" uuid, "candidateCommit" text)`;

export const NEW_SIGNALS = `
  INSERT INTO plan_signals (plan_id, name, data, actor_id)
   SELECT $1::uuid, v.name, coalesce(v.data, 'null'::jsonb), $3::uuid FROM jsonb_to_recordset($2::jsonb) AS v(name text, data jsonb)
   ON CONFLICT (plan_id, name) DO NOTHING`;

export const NEW_ITERATION = `
  INSERT INTO plan_iterations (id, plan_id, number, kind, actor_id, summary, changes, request, status)
  SELECT $1::uuid, $2::uuid, (SELECT count(*) FROM plan_iterations WHERE plan_id = $2::uuid) + 1, $3::text, $4::uuid,
         $5::text, $6::jsonb, $7::jsonb, CASE WHEN $7::jsonb IS NULL THEN 'succeeded' ELSE 'queued' END`;

export const END_ITERATIONS = `
  UPDATE plan_iterations
     SET status = 'failed', message = $2::text, answers = '[]', token = token + 1, lease_until = NULL,
         finished_at = clock_timestamp()
   WHERE plan_id = $1::uuid AND status IN ('queued', 'running')`;

export const NEW_REWIND = `
  INSERT INTO plan_rewinds (id, plan_id, lineage, target, from_commit, to_commit, to_seq, keep_independent, actor_id, status)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open')`;

export const NEW_QUESTION = `
  INSERT INTO task_questions (id, plan_id, task_id, attempt_id, question, asked_at) VALUES ($1, $2, $3, $4, $5, $6)`;

export const ANSWER_QUESTION = `
  UPDATE task_questions SET answer = $2::text, answered_at = $3::timestamptz, answered_by = $4::uuid
    WHERE id = (SELECT q.id FROM task_questions q WHERE q.task_id = $1::uuid ORDER BY q.asked_at DESC LIMIT 1)
      AND answer IS NULL`;

export const END_REWIND = `
  UPDATE plan_rewinds SET status = $3::text, message = $4::text, finished_at = $5::timestamptz
    WHERE id = $1::uuid AND plan_id = $2::uuid AND status = 'open'`;

export const NEW_DELIVERY = `
  INSERT INTO plan_deliveries (id, plan_id, number, way, executor, target_branch, tip_commit, status, epoch, actor_id,
                               created_at, available_at)
  SELECT $1::uuid, $2::uuid, (SELECT count(*) FROM plan_deliveries WHERE plan_id = $2::uuid) + 1, $3::text, $4::jsonb,
         $5::text, $6::text, 'preparing', $7::int, $8::uuid, $9::timestamptz, $9::timestamptz`;

export const MOVE_DELIVERY = `
  UPDATE plan_deliveries w
      SET status = v."to", holder = NULL, lease_until = NULL, tries = 0, available_at = $4::timestamptz,
          ${int('rounds', 'rounds')},
          ${int('taskNumber', 'task_number')},
          ${text('targetCommit', 'target_commit')},
          ${text('commit', '"commit"')},
          verdict = CASE WHEN v."set" ? 'verdict' THEN nullif(v."set"->'verdict', 'null') ELSE w.verdict END,
          ${json('files', 'files')},
          ${text('outcome', 'outcome')},
          ${json('commands', 'commands')},
          ${json('pullRequest', 'pull_request')},
          ${text('message', 'message')},
          ${text('remedy', 'remedy')},
          finished_at = CASE WHEN v.ended THEN $4::timestamptz END
     FROM jsonb_to_record($1::jsonb) AS v(id uuid, token int, "from" text, "to" text, ended boolean, "set" jsonb)
    WHERE w.id = v.id AND w.plan_id = $2::uuid AND w.status = v."from" AND w.token = v.token AND w.epoch = $3::int`;

/** Once, until they move. */
export const ANNOUNCE = `
  UPDATE plan_tasks SET announced_at = $2::timestamptz
    WHERE id = ANY($1::uuid[]) AND status = 'ready' AND announced_at IS NULL`;

export const MEASURED = `
  UPDATE plan_tasks t SET strength = v.strength
     FROM jsonb_to_recordset($1::jsonb) AS v("taskId" uuid, strength jsonb)
    WHERE t.id = v."taskId" AND t.status = 'completed' AND t.commit_sha = v.strength->>'commit'
      AND t.strength->>'commit' IS DISTINCT FROM t.commit_sha`;

/** What goes on in a new epoch: see `adopt_epoch`. */
export const ADOPT_EPOCH = [
  `UPDATE verification_runs SET epoch = $2 WHERE plan_id = $1 AND status = ANY($3)`,
  `UPDATE integrations SET epoch = $2 WHERE plan_id = $1 AND status = ANY($3)`,
  `UPDATE task_attempts a SET epoch = $2 FROM plan_tasks t
    WHERE t.id = a.task_id AND a.plan_id = $1
      AND (a.status = 'executed' OR (a.status = 'running' AND a.by_hand)
           OR (a.status = 'passed' AND a.number = t.attempt_count AND t.status <> ALL($3)))`,
] as const;

/** From a task that was skipped without its work, through everything that hangs on it. */
export const BLOCK_DEPENDANTS = `
  WITH RECURSIVE hit AS (
    SELECT d.task_id FROM task_dependencies d JOIN plan_tasks t ON t.id = d.task_id
     WHERE d.depends_on_id = ANY($1::uuid[]) AND t.status IN ('pending', 'ready', 'awaiting_approval')
    UNION
    SELECT d.task_id FROM hit h JOIN task_dependencies d ON d.depends_on_id = h.task_id
      JOIN plan_tasks t ON t.id = d.task_id
     WHERE t.status IN ('pending', 'ready', 'awaiting_approval'))
  UPDATE plan_tasks t SET status = 'blocked' FROM hit h WHERE t.id = h.task_id`;

/**
 * Of what hangs on the task, those stay blocked that hang on another skipped task without its work as well: found by
 * walking from every such task of the plan.
 */
export const UNBLOCK_DEPENDANTS = `
  WITH RECURSIVE still AS (
    SELECT d.task_id FROM plan_tasks s JOIN task_dependencies d ON d.depends_on_id = s.id
      JOIN plan_tasks t ON t.id = d.task_id
     WHERE s.plan_id = $2::uuid AND s.status = 'skipped' AND s.verified IS NULL AND s.id <> ALL($1::uuid[])
       AND t.status = 'blocked'
    UNION
    SELECT d.task_id FROM still h JOIN task_dependencies d ON d.depends_on_id = h.task_id
      JOIN plan_tasks t ON t.id = d.task_id WHERE t.status = 'blocked'),
  hit AS (
    SELECT d.task_id FROM task_dependencies d JOIN plan_tasks t ON t.id = d.task_id
     WHERE d.depends_on_id = ANY($1::uuid[]) AND t.status = 'blocked'
    UNION
    SELECT d.task_id FROM hit h JOIN task_dependencies d ON d.depends_on_id = h.task_id
      JOIN plan_tasks t ON t.id = d.task_id WHERE t.status = 'blocked')
  UPDATE plan_tasks t
     SET status = CASE WHEN t.open_dependencies = 0 AND p.status = 'running' THEN 'ready' ELSE 'pending' END
    FROM hit h, phases p
   WHERE t.id = h.task_id AND p.id = t.phase_id AND t.id NOT IN (SELECT task_id FROM still)`;

export const CANCEL_WAITING = `UPDATE plan_tasks SET status = 'cancelled' WHERE plan_id = $1 AND status = ANY($2)`;

export const COUNT_OPEN_TASKS = `
  UPDATE phases w SET open_tasks = w.open_tasks + v.delta
    FROM jsonb_to_recordset($1::jsonb) AS v("phaseId" uuid, delta int) WHERE w.id = v."phaseId"`;

export const RELEASE_PHASES = `
  UPDATE plan_tasks SET status = 'ready'
   WHERE phase_id = ANY($1::uuid[]) AND status = 'pending' AND open_dependencies = 0`;

/** Several of its dependencies may be met at once. */
export const RELEASE_DEPENDANTS = `
  UPDATE plan_tasks t
     SET open_dependencies = t.open_dependencies - d.met,
         status = CASE WHEN t.open_dependencies = d.met AND t.status = 'pending' AND p.status = 'running'
                       THEN 'ready' ELSE t.status END
    FROM (SELECT task_id, count(*)::int AS met FROM task_dependencies
           WHERE depends_on_id = ANY($1::uuid[]) GROUP BY task_id) d, phases p
   WHERE t.id = d.task_id AND p.id = t.phase_id`;

export const UPDATE_PLAN = `
   UPDATE plans w
      SET status = coalesce(v."set"->>'status', w.status),
          epoch = coalesce((v."set"->>'epoch')::int, w.epoch),
          ${text('pauseReason', 'pause_reason')},
          ${text('pauseNote', 'pause_note')},
          tip_commit = coalesce(v."set"->>'tipCommit', w.tip_commit),
          archive = coalesce(v."set"->'archive', w.archive),
          active_tasks = w.active_tasks + $6::int,
          open_phases = w.open_phases + $7::int,
          event_seq = $8::int,
          event_hash = $9::text,
          started_at = CASE WHEN (v."set"->>'started')::boolean THEN $5::timestamptz ELSE w.started_at END,
          finished_at = CASE WHEN (v."set"->>'finished')::boolean THEN $5::timestamptz
                             WHEN v."set"->>'status' NOT IN ('rewinding', 'paused') OR NOT v."set" ? 'status' THEN w.finished_at END
     FROM (SELECT $4::jsonb AS "set") v
    WHERE w.id = $1::uuid AND ($2::text IS NULL OR w.status = $2::text)
      AND ($3::text IS NULL OR w.tip_commit = $3::text)`;
