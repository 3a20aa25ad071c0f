import type { ItemResult, Verdict, Violation } from '#domain/spec/verdict.js';

type Part = Readonly<Record<string, unknown>>;

/** What a verdict says, without the words in which it says it: those may get better from one version to the next. */
function essence(verdict: Verdict) {
  return {
    outcome: verdict.outcome,
    blocking: verdict.blocking,
    items: verdict.items.map(itemOf),
    violations: verdict.violations.map(placeOf),
  };
}

/** `note` and `message` are words; a check's output may differ from run to run. */
function itemOf({ id, kind, candidate, attemptBase, planBase, turned, violations }: ItemResult): Part {
  return { id, kind, candidate, attemptBase, planBase, turned, violations };
}

function placeOf({ rule, severity, file, line, term }: Violation): Part {
  return { rule, severity, file, line, term };
}

/** @returns what differs between two verdicts, as sentences; none where both say the same */
export function verdictChanges(recorded: Verdict, again: Verdict): string[] {
  const [was, is] = [essence(recorded), essence(again)];
  const changes: string[] = [];
  if (was.outcome !== is.outcome) changes.push(`the outcome was ${was.outcome} and is ${is.outcome}`);
  changes.push(...itemChanges(was.items, is.items));
  const added = without(is.violations, was.violations);
  const gone = without(was.violations, is.violations);
  for (const violation of gone) changes.push(`recorded, and not there: ${described(violation)}`);
  for (const violation of added) changes.push(`there, and not recorded: ${described(violation)}`);
  if (was.blocking !== is.blocking)
    changes.push(`${was.blocking} violations were blocking and ${is.blocking} are`);
  return changes;
}

function itemChanges(was: readonly Part[], is: readonly Part[]): string[] {
  const before = new Map(was.map((item) => [item['id'], item]));
  const after = new Map(is.map((item) => [item['id'], item]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
    const [old, now] = [before.get(id), after.get(id)];
    if (old === undefined) return [`${String(id)} is judged and was not recorded`];
    if (now === undefined) return [`${String(id)} was recorded and is not judged`];
    const fields = Object.keys(old).filter((key) => old[key] !== now[key]);
    return fields.map((key) => `${String(id)}: ${key} was ${shown(old[key])} and is ${shown(now[key])}`);
  });
}

function shown(value: unknown): string {
  return value === undefined ? 'not judged' : String(value);
}

function without(all: readonly Part[], others: readonly Part[]): Part[] {
  const left = others.map((each) => JSON.stringify(each));
  return all.filter((each) => {
    const at = left.indexOf(JSON.stringify(each));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function described({ rule, file, line, term }: Part): string {
  const place =
    file === undefined ? '' : ` at ${String(file)}${line === undefined ? '' : `:${String(line)}`}`;
  return `${String(rule)}${place}${term === undefined ? '' : ` (${String(term)})`}`;
}
