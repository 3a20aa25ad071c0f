import type { AuditPart, PlanAudit } from '#contracts/api/audit.js';
import { colours } from '../output/output.js';
import { mark, verdictLines } from './archive-report.js';

const PARTS: { readonly [P in AuditPart['part']]: readonly [looked: string, at: string] } = {
  events: ['events', 'each follows the one before it'],
  record: ['rows', 'they say what the events say'],
  branch: ['commits of the branch', 'each landed where it stands'],
  trees: ['trees that landed', 'each is the tree that passed'],
  refs: ['refs', 'none was moved'],
};

const SUMMARY = {
  reproduced: 'Everything was computed again, and is what the plan says.',
  changed: 'What is stored is sound, but verdicts come out differently.',
  tampered: 'What the plan says is not what was.',
  inconclusive: 'Nothing was found to be wrong, but not everything could be computed again.',
} as const;

/** The lines for people: each part, each verdict, then the sum. */
export function renderAudit({ plan, parts, verdicts, notes, result }: PlanAudit): string[] {
  const lines = [`Plan ${plan.number}: ${plan.name} (${plan.outcome})`];
  for (const part of parts) {
    const [looked, sound] = PARTS[part.part];
    const outcome = part.result === 'reproduced' ? sound : part.result;
    lines.push(`${mark(part.result)} ${part.count} ${looked}: ${outcome}`);
    for (const { place, message } of part.findings)
      lines.push(colours.red(`    ${place === '' ? '' : `${place}: `}${message}`));
  }
  lines.push(...verdictLines(verdicts));
  for (const note of notes) lines.push(`Note: ${note}`);
  lines.push(`${mark(result)} ${SUMMARY[result]}`);
  return lines;
}
