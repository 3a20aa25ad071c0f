import type { AuditPart, PlanAudit } from '#contracts/api/audit.js';
import { mark, verdictLines } from './archive-report.js';
import type { Colours } from './plan-tree.js';

const PARTS: { readonly [P in AuditPart['part']]: readonly [one: string, many: string, at: string] } = {
  events: ['event', 'events', 'each follows the one before it'],
  record: ['row', 'rows', 'they say what the events say'],
  branch: ['commit of the branch', 'commits of the branch', 'each landed where it stands'],
  trees: ['tree that landed', 'trees that landed', 'each is the tree that passed'],
  refs: ['ref', 'refs', 'none was moved'],
};

const SUMMARY = {
  reproduced: 'Everything was computed again, and is what the plan says.',
  changed: 'What is stored is sound, but verdicts come out differently.',
  tampered: 'What the plan says is not what was.',
  inconclusive: 'Nothing was found to be wrong, but not everything could be computed again.',
} as const;

/** The lines for people: each part, each verdict, then the sum. */
export function renderAudit({ plan, parts, verdicts, notes, result }: PlanAudit, colours: Colours): string[] {
  const lines = [`Plan ${plan.number}: ${plan.name} (${plan.outcome})`];
  for (const part of parts) {
    const [one, many, sound] = PARTS[part.part];
    const outcome = part.result === 'reproduced' ? sound : part.result;
    lines.push(`${mark(part.result, colours)} ${part.count} ${part.count === 1 ? one : many}: ${outcome}`);
    const paint = part.result === 'inconclusive' ? colours.yellow : colours.red;
    for (const { place, message } of part.findings)
      lines.push(paint(`    ${place === '' ? '' : `${place}: `}${message}`));
  }
  lines.push(...verdictLines(verdicts, colours));
  for (const note of notes) lines.push(`Note: ${note}`);
  lines.push(`${mark(result, colours)} ${SUMMARY[result]}`);
  return lines;
}
