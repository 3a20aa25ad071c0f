import { parseSpec } from '#contracts/spec/parse-spec.js';
import { specInWords } from '#domain/spec/in-words.js';
import type { ProfileLimits } from '#domain/profile/profile.js';
import type { Verdict, Violation } from '#domain/spec/verdict.js';

/** Parts that the prompts of all agents share. */

const MOST_VIOLATIONS = 100;
const MOST_OF_VERDICT = 50;
const MOST_MESSAGE = 1_000;
const MOST_DIFF = 60_000;
const MOST_SPEC = 60_000;

/** A spec in words and as it is written; nothing where there is none. */
export function specPart(spec: string | null): string[] {
  if (spec === null || spec.trim() === '') return [];
  const parsed = parseSpec(spec);
  const words = parsed.ok ? specInWords(parsed.spec).map((line) => `- ${line}`) : [];
  return [
    '## How it is judged',
    'Another process than you judges the result, on a clean checkout, by the spec below. In words:',
    words.join('\n'),
    'As it is written, which is what counts:',
    fenced('yaml', cut(spec.trim(), MOST_SPEC)),
  ].filter((part) => part !== '');
}

/** What whoever works on it is kept to; nothing where they are under no profile. */
export function limitsPart(limits: ProfileLimits | undefined): string[] {
  if (limits === undefined) return [];
  const { writes, forbids, maxFiles, maxLines, commands } = limits.constraints;
  const lines = [
    ...(writes.length === 0
      ? []
      : [`- You may change files that match ${writes.join(', ')}, and no others.`]),
    ...(forbids.length === 0 ? [] : [`- You may not change files that match ${forbids.join(', ')}.`]),
    ...(maxFiles === null ? [] : [`- You may change at most ${maxFiles} files.`]),
    ...(maxLines === null ? [] : [`- You may add and remove at most ${maxLines} lines.`]),
    ...(commands === null
      ? []
      : [`- Lines that you may run begin with: ${commands.join(', ') || 'nothing'}.`]),
  ];
  return lines.length === 0 ? [] : ['## What you are kept to', lines.join('\n')];
}

/** Why an attempt was rejected, as lines of a list: the first, and how many there are beside them. */
export function violationLines(violations: readonly Violation[], most = MOST_VIOLATIONS): string[] {
  const more = violations.length - most;
  const lines = violations.slice(0, most).map(({ rule, severity, message, file, line }) => {
    const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `:${line}`})`;
    return `- ${rule}, ${severity}: ${cut(message.replace(/\s+/g, ' '), MOST_MESSAGE)}${place}`;
  });
  return [...lines, ...(more > 0 ? [`- and ${more} more`] : [])];
}

/** A verdict, for somebody who is to mend what it found. */
export function verdictInWords({ outcome, summary, violations }: Verdict): string {
  return [`Verdict: ${outcome}. ${summary}`, ...violationLines(violations, MOST_OF_VERDICT)].join('\n');
}

/** What an attempt changed, as data that cannot end its fence. */
export function diffPart(diff: string): string {
  return fenced('diff', cut(diff.trimEnd(), MOST_DIFF));
}

function cut(text: string, most: number): string {
  return text.length <= most
    ? text
    : `${text.slice(0, most)}\n[the other ${text.length - most} characters are left out]`;
}

/** With a fence that is longer than any inside. */
function fenced(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
