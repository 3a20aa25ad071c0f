import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createChecks } from '#checks/checks-adapter.js';
import { dryRun as inspect, type DryRunReport } from '#engine/dry-run/dry-run.js';
import { GitRefusal } from '#engine/ports/git-refusal.js';
import { createFacts } from '#facts/facts-adapter.js';
import { borrowedObjects } from '#git/borrowed-objects.js';
import { createGit } from '#git/git-adapter.js';
import { removeAll } from '#git/sweep.js';
import { homePath } from '#platform/home/home.js';
import { readSandboxSettings } from '#platform/config/sandbox-settings.js';
import { readPricing } from '#platform/config/read-pricing.js';
import { openSandbox } from '#sandbox/sandbox.js';
import { readWorkspaceSettings } from '#platform/config/workspace-settings.js';
import { openWorkspaces } from '#platform/runtime/open-workspaces.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { printJson, say } from '../output/output.js';
import { resolvedPlanFile } from '../plan-file.js';
import { PACKAGE_ROOT } from './installation.js';
import { renderDryRun } from '../render/dry-run.js';

export interface DryRunOptions {
  readonly file: string;
  /** An absolute path, or a git URL. */
  readonly repository: string;
  /** Takes the lines for people. */
  readonly out: (line: string) => void;
  /** Prints the report as JSON instead. */
  readonly json?: boolean;
}

const REPOSITORY_ID = 'dry-run';
const ORIGIN_VARIABLES = ['HOME', 'SSH_AUTH_SOCK', 'GIT_SSH_COMMAND', 'GIT_ASKPASS'];

/**
 * Says what a plan would do, with the real git, facts and checks in a folder that is removed afterwards. No agent is
 * started; no server and no database are needed.
 *
 * @returns `inconclusive` where a spec proves nothing or cannot be decided on the base
 */
export async function dryRun(options: DryRunOptions): Promise<ExitCode> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop);
  try {
    const report = await lookAt(options, interrupt.signal);
    if (options.json === true) printJson('dry-run', report);
    else for (const line of renderDryRun(report)) options.out(line);
    const specs = report.phases.flatMap((phase) => phase.tasks.map((task) => task.spec?.colour));
    return specs.some((colour) => colour === 'green' || colour === 'undecided') ? EXIT.inconclusive : EXIT.ok;
  } catch (error) {
    if (interrupt.signal.aborted) return EXIT.interrupted;
    if (error instanceof GitRefusal) throw new CliError(EXIT.failed, error.reason, error.remedy);
    throw error;
  } finally {
    process.removeListener('SIGINT', stop);
  }
}

async function lookAt(options: DryRunOptions, signal: AbortSignal): Promise<DryRunReport> {
  const resolved = resolvedPlanFile(options.file);
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'planwright-dry-run-')));
  const search = process.env['PATH'] ?? '';
  const git = createGit({
    home: path.join(folder, 'worker'),
    hubBase: path.join(folder, 'hubs'),
    path: search,
    originEnvironment: Object.fromEntries(
      ORIGIN_VARIABLES.flatMap((name) =>
        process.env[name] === undefined ? [] : [[name, process.env[name]]],
      ),
    ),
  });
  try {
    const { repository: origin } = options;
    const base = resolved.plan.base ?? null;
    const imported = await git.importBase({ repositoryId: REPOSITORY_ID, origin, base });
    for (const warning of imported.warnings) say(`Note: ${warning}`);
    const sandbox = await openSandbox({
      ...readSandboxSettings(),
      path: search,
      tempRoot: path.join(folder, 'tmp'),
      secret: [homePath(PACKAGE_ROOT), folder],
      borrowed: borrowedObjects,
    });
    if (sandbox.state.isolation === 'off') say(`Note: checks run without a sandbox. ${sandbox.state.why}`);
    const checks = createChecks({ sandbox });
    const home = path.join(folder, 'worker');
    const settings = readWorkspaceSettings();
    const workspaces = openWorkspaces({ git, settings, worker: 'verifier', home, path: search, sandbox });
    const setup = resolved.plan.setup ?? null;
    const pricing = await readPricing();
    const order = { ...resolved, repositoryId: REPOSITORY_ID, base: imported.commit, setup, pricing, signal };
    return await inspect({ git, workspaces, facts: createFacts(), checks }, order);
  } finally {
    await git.close();
    await removeAll(folder);
  }
}
