import type { Ending } from './arena.js';

/** What a task came to, in the words of the table. */
export interface Judgement {
  readonly status: string;
  readonly verified: boolean | null;
  readonly verdict: string;
  /** The rules, checks or failures that stand against it. */
  readonly against: readonly string[];
  readonly why: string;
}

/** Reads how the last attempt of a task ended. */
export function judgementOf({ task, plan }: Ending): Judgement {
  const attempt = task.attempts.at(-1);
  const verdict = attempt?.verdict ?? null;
  const why = verdict?.summary ?? attempt?.message ?? plan.status;
  const named = verdict === null ? [] : [...new Set(verdict.violations.map(({ rule }) => rule))];
  const undecided =
    verdict?.outcome === 'inconclusive'
      ? [/^Could not be decided: (\S+)/.exec(why)?.[1] ?? 'nothing turned']
      : [];
  const failed = attempt?.failure ?? null;
  const failure = verdict === null && failed !== null ? [failed] : [];
  return {
    status: task.status,
    verified: task.verified,
    verdict: verdict?.outcome ?? failed ?? '-',
    against: [...named, ...undecided, ...failure],
    why,
  };
}

export interface Row {
  readonly name: string;
  readonly judgement: Judgement;
}

/** A table for people, in the order of the rows. */
export function tableOf(title: string, rows: readonly Row[]): string {
  const cells = rows.map(({ name, judgement: { status, verified, verdict, against } }) => [
    name,
    verdict,
    against.join(', ') || '-',
    verified === true ? `${status}, verified` : status,
  ]);
  const all = [[title, 'verdict', 'against it', 'task'], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
