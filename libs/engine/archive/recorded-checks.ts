import type { CheckResult, CheckStanding } from '#domain/spec/check-standing.js';
import type { Colour, ItemResult, Verdict } from '#domain/spec/verdict.js';

/**
 * The runs of checks that a verdict was made of, as far as it tells them: judging them again gives what the verdict has.
 * So its rules can be judged anew, and the verdict as a whole compared, without running what a stranger wrote.
 */
export function recordedStandings(verdict: Pick<Verdict, 'items' | 'violations'>): CheckStanding[] {
  return verdict.items
    .filter((item) => item.kind === 'check')
    .map((item) => {
      const message = verdict.violations.find(({ rule }) => rule === item.id)?.message ?? '';
      return standingOf(item, outputIn(message));
    });
}

function standingOf(item: ItemResult, output: string): CheckStanding {
  const note = item.note ?? '';
  const flakyBase = note.startsWith('flaky on the base');
  const reason = /(?:it could not start|is unknown): (.*)$/s.exec(note)?.[1] ?? '';
  const onBase = (colour: Colour | undefined) =>
    colour === undefined ? undefined : runsOfBase(colour, flakyBase, reason);
  const [attemptBase, planBase] = [onBase(item.attemptBase), onBase(item.planBase)];
  return {
    id: item.id,
    candidate: runsOfCandidate(item, note, reason, output),
    ...(attemptBase !== undefined && { attemptBase }),
    ...(planBase !== undefined && { planBase }),
  };
}

const PASSED: CheckResult = { kind: 'passed' };
const FAILED: CheckResult = { kind: 'failed', exitCode: 1, output: '' };

function runsOfCandidate(item: ItemResult, note: string, reason: string, output: string): CheckResult[] {
  if (item.candidate === 'green') return note.startsWith('flaky: it failed') ? [FAILED, PASSED] : [PASSED];
  if (item.candidate === 'red') return [redRun(note, output)];
  return note.startsWith('it could not start') ? [{ kind: 'not_started', reason }] : [FAILED];
}

function redRun(note: string, output: string): CheckResult {
  const exitCode = /^exit code (-?\d+)$/.exec(note)?.[1];
  if (exitCode !== undefined) return { kind: 'failed', exitCode: Number(exitCode), output };
  if (note.includes('time limit')) return { kind: 'timed_out', output };
  if (note.includes('output limit')) return { kind: 'output_limit', output };
  return { kind: 'limit_exceeded', limit: note.replace(/^it used /, ''), output };
}

/** A flaky base is shown as green: which of the two it was, no verdict depends on. */
function runsOfBase(colour: Colour, flaky: boolean, reason: string): CheckResult[] {
  if (colour === 'undecided') return [{ kind: 'not_started', reason }];
  if (colour === 'red') return [FAILED, FAILED];
  return flaky ? [FAILED, PASSED] : [PASSED];
}

function outputIn(message: string): string {
  const end = message.indexOf('\n');
  return end < 0 ? '' : message.slice(end + 1);
}
