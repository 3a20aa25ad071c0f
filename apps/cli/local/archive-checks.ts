import path from 'node:path';
import type { ArchiveManifest } from '#contracts/archive/manifest.js';
import type { Verdict } from '#domain/spec/verdict.js';
import { createChecks } from '#checks/checks-adapter.js';
import type { GitPort } from '#engine/ports/git.port.js';
import { grade, type JudgeOrder } from '#engine/verification/grade.js';
import { createFacts } from '#facts/facts-adapter.js';
import { borrowedObjects } from '#git/borrowed-objects.js';
import { homePath } from '#platform/home/home.js';
import { readSandboxSettings } from '#platform/config/sandbox-settings.js';
import { readWorkspaceSettings } from '#platform/config/workspace-settings.js';
import { openWorkspaces } from '#platform/runtime/open-workspaces.js';
import { openSandbox } from '#sandbox/sandbox.js';
import { say } from '../output/output.js';
import { PACKAGE_ROOT } from './installation.js';

/** Judges archived commits with their checks run anew: what a stranger wrote runs here, in the sandbox. */
export async function archiveChecks(at: {
  readonly git: GitPort;
  readonly folder: string;
  readonly search: string;
}): Promise<(order: JudgeOrder, manifest: ArchiveManifest) => Promise<Verdict>> {
  const { git, folder, search } = at;
  const sandbox = await openSandbox({
    ...readSandboxSettings(),
    path: search,
    tempRoot: path.join(folder, 'tmp'),
    secret: [homePath(PACKAGE_ROOT), folder],
    borrowed: borrowedObjects,
  });
  if (sandbox.state.isolation === 'off') say(`Note: checks run without a sandbox. ${sandbox.state.why}`);
  const settings = readWorkspaceSettings();
  const home = path.join(folder, 'worker');
  const workspaces = openWorkspaces({ git, settings, worker: 'verifier', home, path: search, sandbox });
  const deps = { git, workspaces, facts: createFacts(), checks: createChecks({ sandbox }) };
  return (order, manifest) => grade(deps, { ...order, setup: setupOf(manifest) });
}

/** The values of variables are in no archive. */
function setupOf({ plan }: ArchiveManifest) {
  if (plan.setup === null) return null;
  const { variables, ...setup } = plan.setup;
  if (variables.length > 0)
    say(`Note: the set-up had variables (${variables.join(', ')}), which are not set here.`);
  return { ...setup, env: {} };
}
