import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { PlanView } from '#contracts/api/plans.js';
import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { printJson, say } from '../output/output.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface ArchiveOptions extends FormatOptions {
  readonly note?: string;
  readonly force?: boolean;
  readonly output?: string;
}

const WAIT_MS = 500;
const PATIENCE_MS = 60_000;

/** Archives a plan, and saves the file where one is named; of a plan that is archived, the file alone. */
export async function archive(reference: string, options: ArchiveOptions): Promise<ExitCode> {
  const client = new ApiClient(findApi());
  const { note, force, output } = options;
  const before = output === undefined ? null : await client.plan(reference);
  const plan =
    before?.status === 'archived'
      ? before
      : await untilArchived(client, await client.control(reference, 'archive', { note, force }));
  if (output !== undefined) await save(client, plan, output);
  if (wantsJson(options)) printJson('plan', plan);
  else {
    for (const line of otherNote(plan, note)) say(line);
    say(`Plan ${plan.number} is archived: manifest ${plan.archive?.manifest}, key ${plan.archive?.keyId}.`);
    if (output === undefined)
      say(`Next: planwright archive ${plan.number} --output plan-${plan.number}.planwright-archive`);
    else say(`Next: planwright verify-archive ${output} --key ${plan.archive?.keyId}`);
  }
  return EXIT.ok;
}

/** Whoever was first has said why; a later request changes nothing of it. */
function otherNote({ number, archive }: PlanView, note: string | undefined): string[] {
  if (note === undefined || archive === null || archive.note === note) return [];
  const why = archive.note === null ? 'without a note' : `with the note "${archive.note}"`;
  return [`Note: plan ${number} had been archived already, ${why}; yours is not kept.`];
}

async function untilArchived(client: ApiClient, plan: PlanView): Promise<PlanView> {
  let now = plan;
  for (let waited = 0; now.status === 'archiving'; waited += WAIT_MS) {
    if (waited >= PATIENCE_MS) {
      const message = `Plan ${plan.number} is still being archived: its hub may be away.`;
      throw new CliError(EXIT.waiting, message, `planwright show ${plan.number}`);
    }
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    now = await client.plan(plan.id);
  }
  return now;
}

/** A download that breaks off leaves no file that looks whole. */
async function save(client: ApiClient, plan: PlanView, output: string): Promise<void> {
  const draft = `${output}.part`;
  try {
    await pipeline(await client.archive(plan.id), createWriteStream(draft));
    await rename(draft, output);
  } catch (error) {
    await rm(draft, { force: true });
    if ((error as { code?: unknown }).code === undefined) throw error;
    throw new CliError(EXIT.failed, `The archive could not be saved: ${(error as Error).message}`);
  }
}
