import { z } from 'zod';
import { contractName } from '../plan/plan-file.js';
import { note } from './plans.js';

/** What a finished task proved: it binds later ones until it ends. */
export const contractView = z.object({
  /** `<task number>.<id>` */
  name: z.string(),
  /** Number and title of the task that proved it. */
  task: z.int(),
  title: z.string(),
  kind: z.enum(['rule', 'check']),
  /** Where the task's work landed; null: an earlier commit had done it. */
  commit: z.string().nullable(),
  since: z.iso.datetime(),
  state: z.enum(['standing', 'superseded', 'waived']),
  /** Number of the task that superseded it. */
  supersededBy: z.int().nullable(),
  /** Who ended it, and why. */
  waived: z.object({ actor: z.string(), note: z.string(), at: z.iso.datetime() }).nullable(),
});
export type ContractView = z.output<typeof contractView>;

/** `GET /api/plans/:plan/contracts` */
export const contractList = z.object({ items: z.array(contractView) });
export type ContractList = z.output<typeof contractList>;

/** `POST /api/plans/:plan/contracts/waive` */
export const waiveContractRequest = z.strictObject({ contract: contractName, note });
export type WaiveContractRequest = z.output<typeof waiveContractRequest>;
