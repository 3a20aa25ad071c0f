import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { grade } from '#engine/verification/grade.js';
import { createFacts, type Facts } from '#facts/facts-adapter.js';
import { createGit } from '#git/git-adapter.js';

export const THREADS = 2;
const REPOSITORY = 'bench';
const NEVER = (): never => {
  throw new Error('The specs of this benchmark have no checks.');
};

/** One repository as a worker knows it, and a verifier that shares nothing with others. */
export class Stand {
  private readonly git;

  private constructor(
    private readonly folder: string,
    private readonly origin: string,
  ) {
    this.git = createGit({
      home: join(folder, 'worker'),
      hubBase: join(folder, 'hubs'),
      path: process.env['PATH'] ?? '',
    });
  }

  /** @returns the stand and the commit that the origin is at */
  static async open(folder: string, origin: string): Promise<{ stand: Stand; commit: string }> {
    await mkdir(folder, { recursive: true });
    const stand = new Stand(folder, origin);
    const { commit } = await stand.git.importBase({ repositoryId: REPOSITORY, origin, base: null });
    return { stand, commit };
  }

  /** Facts of which nothing is known yet. */
  facts(name: string): Facts {
    const script = join(import.meta.dirname, '../../libs/facts/extract/extract-worker.js');
    return createFacts({ disk: { folder: join(this.folder, name) }, threads: { script, count: THREADS } });
  }

  fetch(commit: string): Promise<string> {
    return this.git.importSubmission({
      repositoryId: REPOSITORY,
      origin: this.origin,
      ref: commit,
      name: commit,
    });
  }

  async verify(facts: Facts, specText: string, base: string, candidate: string): Promise<void> {
    const { git } = this;
    const deps = { git, facts, workspaces: { open: NEVER }, checks: { run: NEVER } };
    const signal = new AbortController().signal;
    const commits = { planBase: base, attemptBase: base, candidate };
    const order = { repositoryId: REPOSITORY, specText, ...commits, mayChange: [], setup: null, signal };
    await grade(deps, order);
  }

  fill(facts: Facts, commit: string): Promise<void> {
    return facts.fill({ source: this.git.blobs(REPOSITORY), commit });
  }

  close(): Promise<void> {
    return this.git.close();
  }
}
