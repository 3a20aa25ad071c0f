import { z } from 'zod';

/**
 * - `reproduced`: computed again, it is the same.
 * - `changed`: judged again, it is another verdict.
 * - `tampered`: two records of the same thing contradict each other.
 * - `inconclusive`: it could not be computed again.
 */
const reproduction = z.enum(['reproduced', 'changed', 'tampered', 'inconclusive']);

/** What is computed again, in this order. */
export const AUDIT_PARTS = ['events', 'record', 'branch', 'trees', 'refs'] as const;

const auditPart = z.object({
  part: z.enum(AUDIT_PARTS),
  /** Events, rows, commits, landings or refs that were looked at. */
  count: z.int(),
  result: reproduction,
  /** A JSON pointer into what an archive would say of the plan, a commit, or a ref. */
  findings: z.array(z.object({ place: z.string(), message: z.string() })),
});

/** `GET /api/plans/:plan/audit` */
export const planAudit = z.object({
  plan: z.object({
    number: z.int(),
    name: z.string(),
    /** Its status. */
    outcome: z.string(),
    baseCommit: z.string(),
    tipCommit: z.string(),
  }),
  parts: z.array(auditPart),
  verdicts: z.array(
    z.object({
      /** As people name it: 12.3. */
      task: z.string(),
      attempt: z.int(),
      /** It judged the tree that was about to land. */
      atIntegration: z.boolean(),
      commit: z.string(),
      outcome: z.string(),
      result: reproduction,
      /** What differs, or why it is not known. */
      details: z.array(z.string()),
    }),
  ),
  notes: z.array(z.string()),
  result: reproduction,
});
export type PlanAudit = z.output<typeof planAudit>;
export type AuditPart = PlanAudit['parts'][number];
