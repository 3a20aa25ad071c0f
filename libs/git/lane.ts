import { setTimeout } from 'node:timers/promises';
import type { BranchRewind, HubRef, LaneState, PlanPush } from '#engine/ports/git.port.js';
import { fenceRef, lineageRef } from './hub.js';
import type { Mirror } from './mirror.js';
import { branchRef, fileId, fullRef, objectId } from './names.js';
import { GitError, type GitRunner } from './runner.js';
import { removeStaleLocks } from './stale-lock.js';

const PUSH_TRIES = 5;
const RETRY_MS = 40;
const REMOVED_AT_ONCE = 200;

export interface RefMove {
  readonly ref: string;
  /** null: the ref must not exist. */
  readonly from: string | null;
  readonly to: string;
}

/** Every compare-and-swap on a hub. */
export class Lanes {
  constructor(private readonly runner: GitRunner) {}

  /** Tip of the plan branch and object id of the fence, as the hub has them now. */
  async read(mirror: Mirror, planId: string, branch: string): Promise<LaneState> {
    const [tip = null, fence = null] = await this.readRefs(mirror, [branchRef(branch), fenceRef(planId)]);
    return { tip, fence };
  }

  /** Creates a ref. Throws if it exists with another commit. */
  async pushNew(mirror: Mirror, commit: string, ref: string): Promise<void> {
    const move = { ref: fullRef(ref), from: null, to: objectId(commit) };
    if (await this.push(mirror, [move])) return;
    const [found] = await this.readRefs(mirror, [ref]);
    if (found !== commit)
      throw new Error(`${ref} exists already with ${found ?? 'nothing'} instead of ${commit}.`);
  }

  /** Moves the fence from `expected` to the fence of `value`; a holder that repeats its own move succeeds. */
  async moveFence(
    mirror: Mirror,
    planId: string,
    expected: string | null,
    value: string,
  ): Promise<{ readonly moved: boolean; readonly fence: string | null }> {
    const ref = fenceRef(planId);
    const wanted = await this.writeFence(mirror, planId, value);
    const move = { ref, from: expected, to: wanted };
    if (wanted !== expected && (await this.push(mirror, [move]))) return { moved: true, fence: wanted };
    const [fence = null] = await this.readRefs(mirror, [ref]);
    return { moved: fence === wanted, fence };
  }

  /** Moves plan branch and fence together, or neither. Throws if the hub cannot be reached. */
  async pushPlanBranch(
    mirror: Mirror,
    input: {
      readonly planId: string;
      readonly branch: string;
      readonly expectedTip: string | null;
      readonly newTip: string;
      readonly expectedFence: string | null;
      readonly fenceValue: string;
    },
  ): Promise<PlanPush> {
    const { planId, branch, expectedTip, newTip, expectedFence } = input;
    if (expectedTip !== null && !(await isAncestor(this.runner, mirror, expectedTip, newTip))) {
      return { kind: 'refused', reason: `${newTip} does not descend from ${expectedTip}.` };
    }
    // A ref that a push leaves as it is is not compared by the hub: every push must change the fence, so that
    // its own tip is part of it.
    const fence = await this.writeFence(mirror, planId, `${input.fenceValue} ${objectId(newTip)}`);
    const moves = [
      { ref: branchRef(branch), from: expectedTip, to: newTip },
      { ref: fenceRef(planId), from: expectedFence, to: fence },
    ];
    if (await this.push(mirror, moves)) return { kind: 'pushed' };
    const lane = await this.read(mirror, planId, branch);
    if (lane.tip === newTip && lane.fence === fence) return { kind: 'pushed' };
    return { kind: 'refused', reason: refusal(branch, expectedTip, expectedFence, lane) };
  }

  /** Moves one ref. False if the hub holds something else than `from`. */
  moveRef(mirror: Mirror, move: RefMove): Promise<boolean> {
    return this.push(mirror, [move]);
  }

  /**
   * Puts the plan branch where it was: fence, branch and the ref that keeps what is left move together, or none. It may
   * be repeated, also by another process; throws if the hub cannot be reached.
   */
  async rewindPlanBranch(
    mirror: Mirror,
    { planId, branch, lineage, from, to, fenceValue }: Omit<BranchRewind, 'repositoryId'>,
  ): Promise<PlanPush> {
    const refs = [branchRef(branch), fenceRef(planId), lineageRef(planId, lineage)];
    const fence = await this.writeFence(mirror, planId, fenceValue);
    for (let attempt = 1; ; attempt += 1) {
      const [tip = null, held = null, kept = null] = await this.readRefs(mirror, refs);
      if (kept !== null) return { kind: 'pushed' };
      // A branch without a commit of the plan's own need not be there yet.
      if (tip !== null && tip !== from) {
        const reason = `branch ${branch} of the hub is at ${tip}, not at ${from}: somebody else moved it.`;
        return { kind: 'refused', reason };
      }
      const moves = [
        { ref: fenceRef(planId), from: held, to: fence },
        { ref: lineageRef(planId, lineage), from: null, to: from },
        ...(tip === null || tip === to ? [] : [{ ref: branchRef(branch), from: tip, to }]),
      ];
      if (await this.push(mirror, moves)) return { kind: 'pushed' };
      // Whoever held the lane before moved the fence at last.
      if (attempt === PUSH_TRIES) throw new Error(`the branch of plan ${planId} could not be moved`);
    }
  }

  /** Refs below these folders. */
  async list(mirror: Mirror, under: readonly string[]): Promise<HubRef[]> {
    const patterns = under.map((folder) => `${folder}*`);
    return [...(await this.lsRemote(mirror, patterns))].map(([ref, commit]) => ({ ref, commit }));
  }

  /** Removes what is still where it was seen. */
  async remove(mirror: Mirror, refs: readonly HubRef[]): Promise<void> {
    for (let at = 0; at < refs.length; at += REMOVED_AT_ONCE) {
      const some = refs.slice(at, at + REMOVED_AT_ONCE);
      const leases = some.map(({ ref, commit }) => `--force-with-lease=${fullRef(ref)}:${objectId(commit)}`);
      const args = ['push', '--porcelain', '--no-verify', '--no-signed', ...leases];
      const specs = some.map(({ ref }) => `:${ref}`);
      const { settings, location } = mirror.hub;
      const call = {
        args: [...args, '--', location, ...specs],
        gitDir: mirror.path,
        settings,
        codes: [0, 1],
      };
      await this.runner.run(call);
    }
  }

  /** The refs as the hub has them now. */
  async readRefs(mirror: Mirror, refs: readonly string[]): Promise<(string | undefined)[]> {
    const found = await this.lsRemote(mirror, refs);
    return refs.map((ref) => found.get(ref));
  }

  private async lsRemote(mirror: Mirror, patterns: readonly string[]): Promise<Map<string, string>> {
    const args = ['ls-remote', '--quiet', '--', mirror.hub.location, ...patterns];
    const { settings } = mirror.hub;
    const output = await this.runner.text({ args, gitDir: mirror.path, settings });
    const found = new Map<string, string>();
    for (const line of output.split('\n')) {
      const [id = '', ref = ''] = line.split('\t');
      if (ref !== '') found.set(ref, id);
    }
    return found;
  }

  private writeFence(mirror: Mirror, planId: string, value: string): Promise<string> {
    const args = ['hash-object', '-w', '--stdin'];
    return this.runner.text({
      args,
      gitDir: mirror.path,
      stdin: `planwright fence ${fileId(planId)} ${value}\n`,
    });
  }

  /**
   * One atomic push. False if the hub holds something else than the leases say; throws for everything else.
   * The hub's state decides, not the words of git: a lock of another push under way looks like a refusal too.
   */
  private async push(mirror: Mirror, moves: readonly RefMove[]): Promise<boolean> {
    const leases = moves.map(
      ({ ref, from }) => `--force-with-lease=${fullRef(ref)}:${from === null ? '' : objectId(from)}`,
    );
    const specs = moves.map(({ ref, to }) => `${objectId(to)}:${ref}`);
    const args = [
      'push',
      '--atomic',
      '--porcelain',
      '--no-verify',
      '--no-signed',
      ...leases,
      '--',
      mirror.hub.location,
      ...specs,
    ];
    for (let attempt = 1; ; attempt += 1) {
      const { settings, path } = mirror.hub;
      const call = { args, gitDir: mirror.path, settings, codes: [0, 1] };
      const { code, stdout, stderr } = await this.runner.run(call);
      if (code === 0) return true;
      const answer = `${stdout.toString('utf8')}${stderr}`;
      if (!answer.includes('[rejected]') && !answer.includes('[remote rejected]'))
        throw new GitError(args, code, answer);
      const now = await this.readRefs(
        mirror,
        moves.map(({ ref }) => ref),
      );
      if (moves.some(({ from }, index) => (now[index] ?? null) !== from)) return false;
      if (
        attempt === PUSH_TRIES &&
        path !== null &&
        (await removeStaleLocks(
          path,
          moves.map(({ ref }) => ref),
        ))
      )
        continue;
      if (attempt >= PUSH_TRIES) throw new GitError(args, code, answer);
      await setTimeout(attempt * RETRY_MS);
    }
  }
}

/** True if `ancestor` is reachable from `descendant` (or is it). Both must be in the mirror. */
async function isAncestor(
  runner: GitRunner,
  mirror: Mirror,
  ancestor: string,
  descendant: string,
): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', objectId(ancestor), objectId(descendant)];
  const { code } = await runner.run({ args, gitDir: mirror.path, codes: [0, 1] });
  return code === 0;
}

function refusal(branch: string, tip: string | null, fence: string | null, lane: LaneState): string {
  if (lane.fence !== fence)
    return `The fence of the plan moved from ${fence ?? 'nothing'} to ${lane.fence ?? 'nothing'}.`;
  return `Branch ${branch} moved from ${tip ?? 'nothing'} to ${lane.tip ?? 'nothing'}.`;
}
