import type { ReportReading } from '#domain/spec/check-report.js';
import { readDiagnostic } from './tap-diagnostic.js';
import { MAX_TESTS, ReportProblem, TestList, type ToldTest } from './test-list.js';

const INDENT = 4;
const DIAGNOSTIC_INDENT = 2;
const MAX_DEPTH = 50;
const LINE_LENGTH = 65_536;
const DIAGNOSTIC_LINES = 200;

const VERSION = /^TAP version 1[34]\s*$/;
const PLAN = /^1\.\.(\d{1,9})\s*(?:#|$)/;
const POINT = /^(not )?ok(?=\s|$)(?:[ \t]+(\d{1,9})(?=\s|$))?(?:[ \t]+-(?=\s|$))?(.*)$/;
const BAIL_OUT = /^Bail out!(.*)$/;
const DIRECTIVE = /\s*(skip|todo)/iy;
/** What some runners append to every title. */
const DURATION = /\s#\s*time=[\d.]+m?s$/;

/** Mutable: what its diagnostic says comes after it. */
interface Point extends ToldTest {
  message?: string | undefined;
  file?: string | undefined;
  line?: number | undefined;
}

/** A document, or the subtests of one test point that is yet to come. */
interface Level {
  planned: number | null;
  points: number;
  readonly tests: Point[];
}

/** The YAML block that may follow a test point. */
interface Diagnostic {
  readonly indent: number;
  readonly of: Point;
  /** Null until it begins. */
  lines: string[] | null;
}

/**
 * Reads the Test Anything Protocol, versions 13 and 14. What is no line of it is output of the tests, and ignored.
 *
 * @throws ReportProblem
 */
export function readTap(text: string, roots: readonly string[]): ReportReading {
  const document = new TapDocument();
  for (const line of linesOf(text)) document.line(line);
  const list = new TestList(roots);
  for (const test of document.end()) list.add(test);
  return { kind: 'tests', tests: list.tests, failed: false };
}

/** Whether output is TAP by its looks: its version comes before anything but the banner of a package manager. */
export function looksLikeTap(text: string): boolean {
  for (const line of linesOf(text)) {
    if (VERSION.test(line)) return true;
    if (line.trim() !== '' && !/^([>$#]|yarn run )/.test(line)) return false;
  }
  return false;
}

class TapDocument {
  /** One for each depth that subtests have reached. */
  private levels: Level[] = [];
  private diagnostic: Diagnostic | null = null;
  private begun = false;
  private readonly done: Point[] = [];
  private count = 0;

  line(line: string): void {
    if (this.takesAsDiagnostic(line)) return;
    const indent = indentOf(line);
    const depth = indent / INDENT;
    if (!Number.isInteger(depth) || depth > MAX_DEPTH) return;
    const said = line.slice(indent, indent + LINE_LENGTH);
    if (depth === 0 && VERSION.test(said)) return this.begin();
    const bail = BAIL_OUT.exec(said);
    if (bail !== null) throw new ReportProblem(`it bailed out:${bail[1] ?? ''}`.slice(0, 500), 'broken');
    const plan = PLAN.exec(said);
    if (plan !== null) return this.plan(depth, Number(plan[1]));
    const point = POINT.exec(said);
    if (point !== null) this.point(depth, indent, point);
  }

  /** @returns the tests of all documents */
  end(): readonly Point[] {
    this.endDiagnostic();
    if (!this.begun && this.levels.length === 0) throw new ReportProblem('it holds no TAP');
    this.finish();
    return this.done;
  }

  private begin(): void {
    if (this.levels.length > 0) this.finish();
    this.begun = true;
  }

  private finish(): void {
    const [top] = this.levels;
    const { planned = null, points = 0, tests = [] } = top ?? {};
    if (planned === null)
      throw new ReportProblem(
        `it lists ${points} tests and no plan: the run did not come to its end`,
        'broken',
      );
    if (planned !== points)
      throw new ReportProblem(`it planned ${planned} tests and lists ${points}`, 'broken');
    for (const test of [...tests, ...this.orphans(1)]) this.done.push(test);
    this.levels = [];
  }

  private plan(depth: number, planned: number): void {
    const level = this.at(depth);
    if (depth === 0 && level.planned !== null) throw new ReportProblem('it has two plans', 'broken');
    level.planned = planned;
  }

  private point(depth: number, indent: number, [, not, number, rest = '']: RegExpExecArray): void {
    this.count += 1;
    if (this.count > MAX_TESTS) throw new ReportProblem(`it lists more than ${MAX_TESTS} tests`);
    const level = this.at(depth);
    level.points += 1;
    const { title, skipped } = readTitle(rest);
    const name = title === '' ? `test ${number ?? level.points}` : title;
    const own: Point = {
      path: [name],
      outcome: skipped ? 'skipped' : not === undefined ? 'passed' : 'failed',
    };
    const group = this.levels[depth + 1];
    const children = this.orphans(depth + 1);
    this.levels.length = depth + 1;
    if (group !== undefined && group.planned !== null && group.planned !== group.points && !skipped)
      Object.assign(own, {
        outcome: 'failed',
        message: `planned ${group.planned} tests and lists ${group.points}`,
      });
    for (const test of grouped(own, children)) level.tests.push(test);
    this.diagnostic = { indent: indent + DIAGNOSTIC_INDENT, of: own, lines: null };
  }

  /** Takes the tests of a depth and those below it. */
  private orphans(depth: number): Point[] {
    const levels = this.levels.slice(depth);
    return levels.length === 0 ? [] : levels.flatMap((level) => level.tests);
  }

  private at(depth: number): Level {
    while (this.levels.length <= depth) this.levels.push({ planned: null, points: 0, tests: [] });
    return this.levels[depth] as Level;
  }

  private takesAsDiagnostic(line: string): boolean {
    const { diagnostic } = this;
    if (diagnostic === null) return false;
    const said = line.trimEnd();
    const within = indentOf(line) >= diagnostic.indent;
    if (diagnostic.lines === null) {
      const begins = within && said.slice(diagnostic.indent) === '---';
      if (begins) diagnostic.lines = [];
      else this.diagnostic = null;
      return begins;
    }
    if (said !== '' && !within) {
      this.endDiagnostic();
      return false;
    }
    if (said.slice(diagnostic.indent) === '...') this.endDiagnostic();
    else if (diagnostic.lines.length < DIAGNOSTIC_LINES)
      diagnostic.lines.push(said.slice(diagnostic.indent, LINE_LENGTH));
    return true;
  }

  private endDiagnostic(): void {
    const { diagnostic } = this;
    this.diagnostic = null;
    if (diagnostic === null || diagnostic.lines === null || diagnostic.of.outcome !== 'failed') return;
    const { message, ...place } = readDiagnostic(diagnostic.lines);
    Object.assign(diagnostic.of, place, { message: diagnostic.of.message ?? message });
  }
}

/** A group is its tests; it counts itself only where it failed and none of them did. */
function grouped(own: Point, children: readonly Point[]): Point[] {
  if (children.length === 0) return [own];
  const planned = own.outcome === 'skipped';
  const tests = children.map((child) => {
    const outcome = planned && child.outcome === 'failed' ? 'skipped' : child.outcome;
    return { ...child, outcome, path: [...own.path, ...child.path] };
  });
  const explained = own.outcome !== 'failed' || tests.some(({ outcome }) => outcome === 'failed');
  return explained ? tests : [...tests, own];
}

/** Parts title and directive; `#` and `\\` in a title are escaped. */
function readTitle(rest: string): { title: string; skipped: boolean } {
  let end = rest.length;
  let skipped = false;
  for (let at = rest.indexOf('#'); at >= 0; at = rest.indexOf('#', at + 1)) {
    if (at > 0 && !/\s/.test(rest[at - 1] ?? '')) continue;
    DIRECTIVE.lastIndex = at + 1;
    if (!DIRECTIVE.test(rest)) continue;
    end = at;
    skipped = true;
    break;
  }
  const title = rest.slice(0, end).trim().replace(DURATION, '');
  return { title: title.replaceAll(/\\([\\#])/g, '$1'), skipped };
}

function indentOf(line: string): number {
  let indent = 0;
  while (line[indent] === ' ') indent += 1;
  return indent;
}

function* linesOf(text: string): Generator<string> {
  let begin = 0;
  while (begin < text.length) {
    const end = text.indexOf('\n', begin);
    const line = end < 0 ? text.slice(begin) : text.slice(begin, end);
    yield line.endsWith('\r') ? line.slice(0, -1) : line;
    begin = end < 0 ? text.length : end + 1;
  }
}
