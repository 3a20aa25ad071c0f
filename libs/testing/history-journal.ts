import type { ModelState } from './plan-model.js';

/** What the commands of a plan's tasks wrote down themselves, outside of everything that the engine keeps. */
export interface JournalLine {
  readonly word: 'begin' | 'end';
  readonly task: number;
  readonly attempt: number;
}

/** Reads lines such as `begin 4.2 1`: the second task of plan 4, its first attempt. */
export function parseJournal(text: string): JournalLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, word, task, attempt] = /^(begin|end) \d+\.(\d+) (\d+)$/.exec(line) ?? [];
      if (word !== 'begin' && word !== 'end') throw new Error(`the journal has a strange line: ${line}`);
      return { word, task: Number(task), attempt: Number(attempt) };
    });
}

/**
 * What really ran, against what the rows say: each attempt ran at most once, whatever was done had run to its end, and
 * nothing began before what it needs had ended.
 *
 * @returns what is wrong, as sentences
 */
export function faultsOfJournal(
  journal: readonly JournalLine[],
  { phases, tasks, attempts }: Pick<ModelState, 'phases' | 'tasks' | 'attempts'>,
): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  for (const { word, task, attempt } of journal) {
    const name = `${word} ${task}.${attempt}`;
    if (seen.has(name)) found.push(`attempt ${attempt} of task ${task} did "${word}" twice`);
    seen.add(name);
  }
  const passedOf = new Map<number, number>();
  for (const task of tasks) {
    const own = attempts.filter(({ taskId }) => taskId === task.id);
    const ran = journal.filter((line) => line.task === task.number);
    for (const { attempt } of ran)
      if (!own.some(({ number, token }) => number === attempt && token > 0))
        found.push(`attempt ${attempt} of task ${task.number} ran, and nobody had claimed it`);
    const passed = own.find(({ status, byHand }) => status === 'passed' && !byHand);
    if (task.status !== 'completed' || task.executorKind !== 'command' || passed === undefined) continue;
    passedOf.set(task.number, passed.number);
    if (!seen.has(`end ${task.number}.${passed.number}`))
      found.push(`task ${task.number} is completed by attempt ${passed.number}, which never ran to its end`);
  }
  const positionOf = (phaseId: string) => phases.find(({ id }) => id === phaseId)?.position ?? 0;
  for (const task of tasks) {
    const began = journal.findIndex(({ task: number }) => number === task.number);
    if (began === -1) continue;
    for (const needed of tasks) {
      const isNeeded =
        task.dependsOn.includes(needed.id) || positionOf(needed.phaseId) < positionOf(task.phaseId);
      const attempt = passedOf.get(needed.number);
      if (!isNeeded || attempt === undefined) continue;
      const ended = journal.findIndex(
        (line) => line.word === 'end' && line.task === needed.number && line.attempt === attempt,
      );
      if (ended > began) found.push(`task ${task.number} began before task ${needed.number} had ended`);
    }
  }
  return found;
}
