import { PROTECTED_PATH_RULE } from '#domain/spec/spec.js';
import type { Severity } from '#domain/spec/verdict.js';
import type { VerdictItem, VerdictView } from '../api/plans.js';

/** What a report is about, beside the verdict. */
export interface SarifSubject {
  /** As people name it, such as `12.3`. */
  readonly task: string;
  readonly title: string;
  readonly commit: string;
  readonly unverified: boolean;
}

/** That of the standard itself, with its errata. */
const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const LEVELS: { readonly [S in Severity]: 'error' | 'warning' | 'note' } = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

/**
 * A verdict as SARIF 2.1.0: a rule for each item, a result for each violation, and an open one for each item that nobody
 * could decide. Places are relative to the repository. Equal verdicts give equal reports.
 */
export function toSarif(verdict: VerdictView, subject: SarifSubject): Record<string, unknown> {
  const { outcome, summary, items, violations } = verdict;
  const ids = [...new Set([...items.map(({ id }) => id), ...violations.map(({ rule }) => rule)])];
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const open = items.filter(({ candidate }) => candidate === 'undecided');
  // A red item without a violation of its own would be missing from the report.
  const silent = items.filter(
    ({ id, candidate }) => candidate === 'red' && !violations.some(({ rule }) => rule === id),
  );
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Planwright',
            rules: ids.map((id) =>
              ruleOf(
                id,
                items.find((item) => item.id === id),
              ),
            ),
          },
        },
        columnKind: 'utf16CodeUnits',
        properties: { ...subject, outcome, summary },
        results: [
          ...violations.map(({ rule, severity, message, file, line }) => ({
            ruleId: rule,
            ruleIndex: indexOf.get(rule),
            level: LEVELS[severity],
            message: { text: message },
            ...(file === undefined ? {} : { locations: [locationOf(file, line)] }),
            properties: { severity },
          })),
          ...silent.map(({ id, note = 'It is red.' }) => ({
            ruleId: id,
            ruleIndex: indexOf.get(id),
            level: 'error',
            message: { text: note },
          })),
          ...open.map(({ id, note = 'It could not be decided.' }) => ({
            ruleId: id,
            ruleIndex: indexOf.get(id),
            kind: 'open',
            level: 'none',
            message: { text: note },
          })),
        ],
      },
    ],
  };
}

function ruleOf(id: string, item: VerdictItem | undefined): Record<string, unknown> {
  const what =
    id === PROTECTED_PATH_RULE ? 'A path that the task may not touch' : `The ${item?.kind ?? 'rule'} ${id}`;
  if (item === undefined) return { id, shortDescription: { text: what } };
  const { candidate, attemptBase, planBase, turned } = item;
  return { id, shortDescription: { text: what }, properties: { candidate, attemptBase, planBase, turned } };
}

/** A region has a first line, counted from 1; what is of no line is of the whole file. */
function locationOf(file: string, line = 0): Record<string, unknown> {
  return {
    physicalLocation: {
      artifactLocation: {
        uri: file.toWellFormed().split('/').map(encodeURIComponent).join('/'),
        uriBaseId: '%SRCROOT%',
      },
      ...(line < 1 ? {} : { region: { startLine: line } }),
    },
  };
}
