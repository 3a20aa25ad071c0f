import { realpath } from 'node:fs/promises';
import type { ReportReading } from '#domain/spec/check-report.js';
import type { SpecCheck } from '#domain/spec/spec.js';
import type { CheckRun, ChecksPort } from '#engine/ports/checks.port.js';
import type { Sandbox, UntrustedResult } from '#sandbox/sandbox.js';
import { POLICIES } from '#sandbox/sandbox-policy.js';
import { environmentOf } from './environment.js';
import { markOf, MAX_REPORT_BYTES, readReportFile, type FileMark } from './report-file.js';
import { formatOfOutput, placeInWords, readReport } from './reports/read-report.js';

export interface ChecksConfig {
  readonly sandbox: Sandbox;
  /** PATH of the checks: what is installed there is part of their environment. */
  readonly path?: string;
  /** Default 64 MiB. */
  readonly outputLimitBytes?: number;
  /** Further variables that every check may know. */
  readonly environment?: Readonly<Record<string, string>>;
}

const DEFAULT_OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Runs checks as untrusted processes: what they execute was written by the agent that is being judged. */
export function createChecks(config: ChecksConfig): ChecksPort {
  const { sandbox, environment: variables } = config;
  return {
    environment: () => {
      const { isolation } = sandbox.state;
      return environmentOf(config.path ?? '', { isolation, policy: POLICIES.check, variables });
    },
    async run({ check, cwd, env, signal }) {
      const path = check.report?.path;
      const before = path === undefined ? null : await markOf(cwd, path);
      const result = await sandbox.run({
        policy: POLICIES.check,
        run: { command: check.run },
        cwd,
        variables: { ...variables, ...env },
        timeoutMs: check.timeoutMs,
        outputLimitBytes: config.outputLimitBytes ?? DEFAULT_OUTPUT_LIMIT,
        ...(path === undefined && { stdoutBytes: MAX_REPORT_BYTES }),
        signal,
      });
      if (result.kind === 'aborted') throw signal.reason;
      const run = toCheckRun(result);
      if (run.kind !== 'finished') return run;
      const stdout = result.kind === 'exited' ? result.stdout : null;
      const report = await reportOf(check, cwd, before, stdout ?? null);
      return report === null ? run : { ...run, report };
    },
  };
}

/** The report that the check names, or that its output is by its looks; null: neither. */
async function reportOf(
  { report }: SpecCheck,
  cwd: string,
  before: FileMark,
  stdout: string | null,
): Promise<ReportReading | null> {
  const roots = [...new Set([cwd, await realpath(cwd)])];
  if (report === undefined) {
    const format = stdout === null ? null : formatOfOutput(stdout);
    return format === null ? null : named({ format }, readReport(format, stdout ?? '', roots));
  }
  const found =
    report.path === undefined
      ? stdout === null
        ? { reason: 'it is larger than 32 MiB' }
        : { text: stdout }
      : await readReportFile(cwd, report.path, before);
  if ('reason' in found) return named(report, { kind: 'unreadable', reason: found.reason });
  return named(report, readReport(report.format, found.text, roots));
}

/** Says of which report a reason is. */
function named(place: NonNullable<SpecCheck['report']>, reading: ReportReading): ReportReading {
  if (reading.kind === 'tests') return reading;
  return { ...reading, reason: `${placeInWords(place)}: ${reading.reason}` };
}

function toCheckRun(result: Exclude<UntrustedResult, { kind: 'aborted' }>): CheckRun {
  if (result.kind === 'not_started') return { kind: 'not_started', reason: result.reason };
  const { output, durationMs } = result;
  if (result.kind === 'limit_exceeded')
    return { kind: 'limit_exceeded', limit: result.limit.message, output, durationMs };
  if (result.kind !== 'exited')
    return { kind: result.kind as 'timed_out' | 'output_limit', output, durationMs };
  const { exitCode, signal } = result;
  // POSIX: the shell found no such command, or may not execute it. Tools that wrap a shell hand the code on.
  if (exitCode === 126 || exitCode === 127) {
    const reason = output.trim().split('\n').at(-1) ?? '';
    return { kind: 'not_started', reason: reason === '' ? `exit code ${exitCode}` : reason };
  }
  if (exitCode !== null) return { kind: 'finished', exitCode, output, durationMs };
  return { kind: 'finished', exitCode: 1, output: `${output}\nended by ${signal ?? 'a signal'}`, durationMs };
}
