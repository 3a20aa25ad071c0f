import type { Colours } from './plan-tree.js';

/** What is shown of the engine's report; the clients' side does not know the engine. */
export interface ShownArchiveReport {
  readonly plan: { readonly number: number; readonly name: string; readonly outcome: string } | null;
  readonly signature: {
    readonly keyId: string;
    readonly valid: boolean;
    readonly pinned: boolean | null;
  } | null;
  readonly events: number;
  readonly findings: readonly {
    readonly file: string;
    readonly place: string | null;
    readonly message: string;
  }[];
  readonly verdicts: readonly {
    readonly task: string;
    readonly attempt: number;
    readonly atIntegration: boolean;
    readonly commit: string;
    readonly outcome: string;
    readonly result: 'reproduced' | 'changed' | 'tampered' | 'inconclusive';
    readonly details: readonly string[];
  }[];
  readonly notes: readonly string[];
  readonly result: 'reproduced' | 'changed' | 'tampered' | 'inconclusive';
}

const SUMMARY = {
  reproduced: 'Everything is as it was signed, and every verdict is reproduced.',
  changed: 'Everything is as it was signed, but verdicts come out differently.',
  tampered: 'This archive is not what was signed.',
  inconclusive: 'Nothing was changed, but not every verdict could be judged again.',
} as const;

const NOTHING = 'It is no archive of a plan, or too little of one to say what it was.';

/** The lines for people: what is wrong first, then each verdict, then the sum. */
export function renderArchiveReport(report: ShownArchiveReport, colours: Colours): string[] {
  const { plan, signature, findings, verdicts, notes, events, result } = report;
  const lines = plan === null ? [] : [`Plan ${plan.number}: ${plan.name} (${plan.outcome})`];
  lines.push(signatureLine(signature));
  for (const { file, place, message } of findings)
    lines.push(colours.red(`✖ ${file}${place === null || place === '' ? '' : `, ${place}`}: ${message}`));
  if (plan !== null) lines.push(`${events} events in their chain.`);
  lines.push(...verdictLines(verdicts, colours));
  for (const note of notes) lines.push(`Note: ${note}`);
  const summary = plan === null && signature === null ? NOTHING : SUMMARY[result];
  lines.push(`${mark(result, colours)} ${summary}`);
  return lines;
}

/** Each verdict, what came out when it was judged again, and what differs. */
export function verdictLines(verdicts: ShownArchiveReport['verdicts'], colours: Colours): string[] {
  return verdicts.flatMap((verdict) => {
    const where = verdict.atIntegration ? 'at its integration' : `attempt ${verdict.attempt}`;
    const head = `${verdict.task} ${where}, ${verdict.commit.slice(0, 12)}: ${verdict.outcome}`;
    return [
      `${mark(verdict.result, colours)} ${head}, ${verdict.result}`,
      ...verdict.details.map((detail) => `    ${detail}`),
    ];
  });
}

export function mark(result: ShownArchiveReport['result'], colours: Colours): string {
  if (result === 'reproduced') return colours.green('✔');
  return result === 'inconclusive' ? colours.yellow('?') : colours.red('✖');
}

function signatureLine(signature: ShownArchiveReport['signature']): string {
  if (signature === null) return 'It has no signature that can be read.';
  const { keyId, valid, pinned } = signature;
  if (!valid) return `It names ${keyId}, whose signature it does not have.`;
  if (pinned === true) return `Signed by ${keyId}, which you have pinned.`;
  if (pinned === false) return `Signed by ${keyId}, which is none of the keys that you pinned.`;
  return `Signed by ${keyId}, which you have not pinned: anybody could have signed it. Pin a key with --key.`;
}
