import type { VerdictItem, VerdictView } from '#contracts/api/plans.js';
import type { Colours } from './plan-tree.js';

const MARKS = { green: '✔', red: '✖', undecided: '?' } as const;

/**
 * A verdict for a person: its outcome, each violation at its place, and with `verbose` how every item stands.
 *
 * @param unverified nothing turned from red to green
 */
export function renderVerdict(
  verdict: VerdictView,
  { verbose, unverified, colours }: { verbose: boolean; unverified: boolean; colours: Colours },
): string[] {
  const { outcome, summary, violations, items } = verdict;
  const passed = outcome === 'pass' || outcome === 'satisfied';
  const word = passed && unverified ? `${outcome}, unverified` : outcome;
  const paint = passed && !unverified ? colours.green : outcome === 'fail' ? colours.red : colours.yellow;
  return [
    `${paint(colours.bold(word.toUpperCase()))}  ${summary}`,
    ...(verbose ? items.flatMap((item) => renderItem(item, colours)) : []),
    ...violations.map(({ rule, severity, message, file, line }) => {
      const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}  `;
      return `  ${place}${message}  ${colours.dim(`${rule}, ${severity}`)}`;
    }),
    ...hidden(verdict).map((text) => colours.dim(`  ${text}`)),
  ];
}

/** The list of violations is cut; the items know how many there are. */
function hidden({ violations, items }: VerdictView): string[] {
  return items.flatMap(({ id, violations: all }) => {
    const shown = violations.filter(({ rule }) => rule === id).length;
    return all > shown ? [`… and ${all - shown} more of ${id}`] : [];
  });
}

/** What it was on the bases says whether it proves anything. */
function renderItem(item: VerdictItem, colours: Colours): string[] {
  const { id, kind, candidate, attemptBase, planBase, turned, note, tests, audit } = item;
  const paint = { green: colours.green, red: colours.red, undecided: colours.yellow }[candidate];
  const bases = [
    ...(attemptBase === undefined ? [] : [`${attemptBase} before it`]),
    ...(planBase === undefined ? [] : [`${planBase} on the plan's base`]),
  ];
  const facts = [
    candidate,
    ...(turned ? ['turned'] : []),
    ...bases,
    ...(tests === undefined ? [] : [`tests: ${countsOf(tests)}`]),
    ...(audit === undefined ? [] : [`${audit.status}, ${audit.expected} expected`]),
  ];
  return [
    `  ${paint(MARKS[candidate])} ${kind} ${colours.bold(id)}: ${facts.join(', ')}`,
    ...(note === undefined ? [] : [colours.dim(`      ${note}`)]),
  ];
}

function countsOf(tests: NonNullable<VerdictItem['tests']>): string {
  const { new: fresh, fixed, preExisting, flaky, gone } = tests;
  const counts = { 'newly failing': fresh, fixed, 'failing before': preExisting, flaky, gone };
  const told = Object.entries(counts).filter(([, count]) => count > 0);
  return told.length === 0 ? 'no difference' : told.map(([word, count]) => `${count} ${word}`).join(', ');
}
