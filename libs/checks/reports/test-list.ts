import { createHash } from 'node:crypto';
import type { TestResult } from '#domain/spec/check-report.js';

/** A report with more tests than this is not used. */
export const MAX_TESTS = 200_000;
const NAME_LENGTH = 1_000;
const MESSAGE_LENGTH = 2_000;
/** Further failures are counted by their names alone. */
const MESSAGES = 1_000;

/** A report that is none, or none that can be used. The message is for a person. */
export class ReportProblem extends Error {
  constructor(
    message: string,
    /** `broken`: it is one, and says that the run did not come to its end. */
    readonly kind: 'broken' | 'unreadable' = 'unreadable',
  ) {
    super(message);
    this.name = 'ReportProblem';
  }
}

/** One test as a report tells it. */
export interface ToldTest {
  /** From the outermost group to the title. */
  readonly path: readonly string[];
  readonly outcome: TestResult['outcome'];
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly message?: string | undefined;
}

/** Gathers the tests of one report, within bounds, and takes out what differs from checkout to checkout. */
export class TestList {
  readonly tests: TestResult[] = [];
  private messages = 0;

  /** @param roots absolute paths of the checkout, all that it is known by */
  constructor(private readonly roots: readonly string[]) {}

  add({ path, outcome, file, line, message }: ToldTest): void {
    if (this.tests.length >= MAX_TESTS) throw new ReportProblem(`it lists more than ${MAX_TESTS} tests`);
    const name = path
      .map((part) => this.relative(part).replaceAll('\0', '').trim())
      .filter((part) => part !== '');
    const place = file === undefined ? undefined : this.fileOf(file);
    const told = outcome === 'failed' && this.messages < MESSAGES ? message?.trim() : undefined;
    if (told !== undefined) this.messages += 1;
    this.tests.push({
      name: bounded(name.join(' > ')),
      outcome,
      ...(place !== undefined && { file: place }),
      ...(place !== undefined && line !== undefined && Number.isSafeInteger(line) && line > 0 && { line }),
      ...(told !== undefined && told !== '' && { message: this.relative(told.slice(0, MESSAGE_LENGTH)) }),
    });
  }

  /** A path inside the checkout, relative to it; undefined for any other. */
  fileOf(written: string): string | undefined {
    const path = this.relative(written.replace(/^file:\/\//, '')).replace(/^\.\//, '');
    const inside = !path.startsWith('/') && !path.split('/').includes('..') && path.length <= NAME_LENGTH;
    return inside && path !== '' ? path : undefined;
  }

  private relative(text: string): string {
    return this.roots.reduce((rest, root) => rest.replaceAll(`${root}/`, ''), text);
  }
}

/** What is cut off would make two names one: a hash stands for it. */
function bounded(name: string): string {
  if (name.length <= NAME_LENGTH) return name;
  return `${name.slice(0, NAME_LENGTH)}… ${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
