import { formatUsd, type Micros } from '../cost/money.js';
import type { HunkPlace, Strength } from '../spec/strength.js';
import type { ItemResult, Verdict } from '../spec/verdict.js';
import type { TaskEffect } from './state.js';
import type { TaskStatus } from './task.machine.js';

/** A task as a delivery speaks of it. */
export interface DeliveredTask {
  readonly number: number;
  readonly title: string;
  readonly status: TaskStatus;
  readonly effect: TaskEffect;
  readonly verified: boolean | null;
  readonly commit: string | null;
  /** What a person wrote about it. */
  readonly note: string | null;
  readonly strength: Pick<Strength, 'hunks' | 'guarded' | 'unguarded'> | null;
  /** Names of its contracts that a person ended. */
  readonly waived: readonly string[];
}

/** What the calls of one model cost the plan. */
export interface DeliveredCost {
  readonly model: string;
  readonly micros: Micros;
  readonly calls: number;
  /** Whatever was read: new, or from a cache. */
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface DeliveredPlan {
  readonly number: number;
  readonly name: string;
  readonly description: string;
  readonly branch: string;
  readonly targetBranch: string;
  readonly tasks: readonly DeliveredTask[];
  /** The dearest first. */
  readonly costs: readonly DeliveredCost[];
}

/** Forges cut off, or refuse, what is longer. */
const MAX_TEXT = 30_000;
const MAX_LINE = 200;
const MAX_TASKS = 200;
const MAX_PLACES = 20;
const MAX_MODELS = 10;
const MAX_DESCRIPTION = 4_000;
const SHORT = 12;

/** What is delivered, in one line. */
export function deliverySubject({ number, name, targetBranch }: DeliveredPlan): string {
  return oneLine(`Merge plan ${number} "${name}" into ${targetBranch}`);
}

/** The title of a pull request. */
export function deliveryTitle({ number, name }: DeliveredPlan): string {
  return oneLine(`${name} (plan ${number})`);
}

/**
 * What a reviewer should know, as Markdown of bounded length: what was done and by what it is proved, and what nobody
 * proved. Texts of people and agents are escaped: they can neither notify anybody nor look like ours.
 *
 * @param verification see `verificationLines`
 */
export function deliveryText(plan: DeliveredPlan, verification: readonly string[]): string {
  const { tasks } = plan;
  const sections = [
    plan.description.trim() === '' ? [] : [quoted(plan.description.slice(0, MAX_DESCRIPTION))],
    ['### Tasks', '', ...capped(tasks, MAX_TASKS).map(taskLine), ...rest(tasks, MAX_TASKS)],
    notProved(tasks),
    unguarded(tasks),
    costSection(plan.costs),
    ['### Verification', '', ...verification],
  ];
  const text = sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}\n\n… the rest is left out`;
}

function taskLine({ number, title, status, effect, verified, commit }: DeliveredTask): string {
  const at = commit === null ? '' : ` (${commit.slice(0, SHORT)})`;
  return `- ${number} ${escaped(title)}: ${standing(status, effect, verified)}${at}`;
}

function standing(status: TaskStatus, effect: TaskEffect, verified: boolean | null): string {
  if (status === 'skipped') return '**skipped**';
  if (status !== 'completed' && status !== 'satisfied') return `**${status}**`;
  if (effect === 'none') return 'done, changes nothing';
  if (verified !== true) return '**not verified**';
  return status === 'satisfied' ? 'verified: an earlier commit did it' : 'verified';
}

function notProved(tasks: readonly DeliveredTask[]): string[] {
  const lines = tasks.flatMap(({ number, status, note, waived }) => [
    ...waived.map((name) => `- contract ${escaped(name)} was waived by a person`),
    ...(status === 'skipped' && note !== null ? [`- task ${number} was skipped: ${escaped(note)}`] : []),
  ]);
  return lines.length === 0
    ? []
    : ['### Ended by people', '', ...capped(lines, MAX_PLACES), ...rest(lines, MAX_PLACES)];
}

function unguarded(tasks: readonly DeliveredTask[]): string[] {
  const places = tasks.flatMap(({ number, strength }) =>
    (strength?.unguarded ?? []).map((place) => `- task ${number}: ${placeOf(place)}`),
  );
  const heading = '### Changes that no rule would miss';
  return places.length === 0 ? [] : [heading, '', ...capped(places, MAX_PLACES), ...rest(places, MAX_PLACES)];
}

function placeOf({ file, firstLine, lastLine }: HunkPlace): string {
  if (firstLine === 0) return escaped(file);
  return `${escaped(file)} ${firstLine === lastLine ? `line ${firstLine}` : `lines ${firstLine} to ${lastLine}`}`;
}

function costSection(costs: readonly DeliveredCost[]): string[] {
  if (costs.length === 0) return [];
  const total = formatUsd(costs.reduce((sum, { micros }) => sum + micros, 0));
  return [
    '### Cost',
    '',
    `${total} in all.`,
    ...capped(costs, MAX_MODELS).map(costLine),
    ...rest(costs, MAX_MODELS),
  ];
}

function costLine({ model, micros, calls, inputTokens, outputTokens }: DeliveredCost): string {
  const read = `${inputTokens.toLocaleString('en')} tokens in, ${outputTokens.toLocaleString('en')} out`;
  return `- ${escaped(model)}: ${formatUsd(micros)}, ${calls} ${calls === 1 ? 'call' : 'calls'}, ${read}`;
}

/** What the verifier said of the merged tree. @param verdict null: it is the tree that was judged task by task */
export function verificationLines(
  { branch, targetBranch }: Pick<DeliveredPlan, 'branch' | 'targetBranch'>,
  verdict: Verdict | null,
): string[] {
  if (verdict === null) return [`What tasks proved was verified on the tree of \`${branch}\` as it is here.`];
  const open = verdict.items.filter(({ candidate }) => candidate === 'undecided');
  return [
    `Merged with \`${targetBranch}\` and verified again: ${escaped(verdict.summary)}`,
    ...capped(open, MAX_PLACES).map(
      ({ id, note }: ItemResult) => `- ${escaped(id)}: undecided, ${escaped(note ?? '')}`,
    ),
    ...rest(open, MAX_PLACES),
  ];
}

function capped<T>(items: readonly T[], limit: number): readonly T[] {
  return items.slice(0, limit);
}

function rest(items: readonly unknown[], limit: number): string[] {
  return items.length > limit ? [`- … and ${items.length - limit} more`] : [];
}

function oneLine(text: string): string {
  return text
    .replace(/[\s\u0000-\u001f\u007f]+/g, ' ')
    .trim()
    .slice(0, MAX_LINE);
}

/** No markup, no mention of a person, no reference to an issue, no HTML. */
function escaped(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]()<>#+!|~$&]/g, (mark) => `\\${mark}`)
    .replace(/@/g, '@\u200b');
}

function quoted(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `> ${escaped(line)}`)
    .join('\n');
}
