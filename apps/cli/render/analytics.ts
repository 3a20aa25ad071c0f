import type { AnalyticsKey, AnalyticsRow, AnalyticsSums, AnalyticsView } from '#contracts/api/analytics.js';
import { usd } from './cost.js';
import { durationWords } from './duration.js';

const MICROS = 1_000_000;
const HEAD = ['attempts', 'tasks', 'done', 'first pass', 'retries', 'p50', 'p95', 'time', 'cost', 'per task'];

/** A head, a line for each group, and one for all together. */
export function analyticsTable({ by, rows, total }: AnalyticsView): string[][] {
  const blank = by.map((_, at) => (at === 0 ? 'in all' : ''));
  return [
    [...by, ...HEAD],
    ...rows.map((row) => [...by.map((key) => groupOf(row, key)), ...cells(row)]),
    [...blank, ...cells(total)],
  ];
}

/** Why attempts failed, in all: `verification failed  12, 10 of them tried again`. */
export function failureLines({ total }: AnalyticsView): string[] {
  return total.failures.map(({ failure, attempts, retries }) => {
    const again = retries === attempts ? 'tried again' : `${retries} of them tried again`;
    return `${failure.replaceAll('_', ' ')}: ${attempts}, ${retries === 0 ? 'none tried again' : again}`;
  });
}

function groupOf(row: AnalyticsRow, key: AnalyticsKey): string {
  return row[key] ?? 'none';
}

function cells({ attempts, tasks, completed, firstPass, retries, duration, cost }: AnalyticsSums): string[] {
  const { rate, passed, judged } = firstPass;
  return [
    String(attempts),
    String(tasks),
    String(completed),
    rate === null ? '-' : `${Math.round(rate * 100)} % (${passed} of ${judged})`,
    String(retries),
    duration === null ? '-' : durationWords(duration.p50),
    duration === null ? '-' : durationWords(duration.p95),
    duration === null ? '-' : durationWords(duration.total),
    usd(cost.micros / MICROS),
    cost.microsPerTask === null ? '-' : usd(cost.microsPerTask / MICROS),
  ];
}
