import type { ReportFormat, ReportPlace, ReportReading } from '#domain/spec/check-report.js';
import { looksLikeJest, readJest } from './jest-report.js';
import { readJunit } from './junit-report.js';
import { looksLikeTap, readTap } from './tap-report.js';
import { ReportProblem } from './test-list.js';

type Reader = (text: string, roots: readonly string[]) => ReportReading;

const READERS: { readonly [F in ReportFormat]: Reader } = {
  junit: readJunit,
  tap: readTap,
  jest: readJest,
  vitest: readJest,
};

/**
 * Reads a report, whatever bytes it is made of; what is none, or says that the run did not end, is told as such.
 *
 * @param roots absolute paths of the checkout: names must not differ from checkout to checkout
 */
export function readReport(format: ReportFormat, text: string, roots: readonly string[]): ReportReading {
  try {
    return READERS[format](text, roots);
  } catch (error) {
    if (error instanceof ReportProblem) return { kind: error.kind, reason: error.message };
    return { kind: 'unreadable', reason: `it could not be read: ${(error as Error).message}` };
  }
}

/** What standard output is by its looks, where nobody says. */
export function formatOfOutput(text: string): ReportFormat | null {
  if (looksLikeTap(text)) return 'tap';
  return looksLikeJest(text) ? 'jest' : null;
}

/** Where the report is, in words. */
export function placeInWords({ format, path }: ReportPlace): string {
  return `its ${format} report ${path === undefined ? 'on standard output' : `in ${path}`}`;
}
