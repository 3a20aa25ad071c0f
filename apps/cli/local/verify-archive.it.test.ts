import { execFile } from 'node:child_process';
import path from 'node:path';
import type { ArchiveManifest } from '#contracts/archive/manifest.js';
import { profileFileSchema } from '#contracts/profile/profile-file.js';
import type { ArchiveReport } from '#engine/archive/report.js';
import { archivePlan } from '#engine/commands/archive-plan.command.js';
import { updateTask } from '#engine/commands/update-task.command.js';
import { verifyAgain } from '#engine/commands/verify-again.command.js';
import { ARCHIVE_FILES } from '#contracts/archive/envelope.js';
import { canonicalJson } from '#domain/canonical-json.js';
import { eventHash } from '#engine/archive/event-chain.js';
import { createProfile } from '#engine/commands/create-profile.command.js';
import { sealPlan } from '#engine/archive/seal.js';
import { digestOf, PIECE_BYTES } from '#engine/archive/pieces.js';
import { readTar, TAR_END, tarHeader, tarPadding } from '#engine/archive/tar.js';
import { newSigner } from '#testing/engine-harness.js';
import { git, TEST_PATH } from '#testing/git-repositories.js';
import { PlanWorkshop } from '#testing/plan-workshop.js';

/** Archives of plans that really ran, and the program that a stranger verifies them with. */

const TIMEOUT = 120_000;
const rule = (file: string, name: string) => ({
  id: `has-${name}`,
  scope: { include: [file] },
  require: { identifiers: [name] },
});
const PLAN = {
  name: 'Two names',
  phases: [
    {
      name: 'Write',
      mode: 'parallel',
      tasks: [
        {
          key: 'one',
          title: 'One',
          prompt: 'the prompt is nobody’s business',
          executor: {
            command:
              'if [ "$PLANWRIGHT_ATTEMPT" = 1 ]; then echo wrong >> src/one.js; else echo "export const one = 1;" > src/one.js; fi',
          },
          spec: {
            spec: 1,
            rules: [rule('src/one.js', 'one')],
            checks: [{ id: 'there', run: 'grep -q one src/one.js' }],
          },
        },
        {
          key: 'two',
          title: 'Two',
          executor: { command: 'echo "export const two = 2;" > src/two.js' },
          spec: { spec: 1, rules: [rule('src/two.js', 'two')] },
        },
        {
          key: 'kept',
          title: 'Kept to a scope',
          profile: 'kept',
          executor: {
            command:
              'mkdir -p kept; echo 4 > kept/four.txt; test "$PLANWRIGHT_ATTEMPT" = 2 || echo 4 > four.txt',
          },
        },
        { key: 'word', title: 'On its word', executor: { command: 'echo 3 > three.txt' } },
      ],
    },
  ],
};

let workshop: PlanWorkshop;
let planId: string;
let archive: Buffer;
let manifest: ArchiveManifest;
let pem: string;

beforeAll(async () => {
  workshop = await PlanWorkshop.open({ 'src/one.js': 'export const uno = 1;\n', 'src/two.js': '' });
  const kept = { slug: 'kept', type: 'writer', constraints: { writes: ['kept/**'] } };
  await createProfile(workshop.deps, profileFileSchema.parse({ ...kept, executor: { command: 'true' } }));
  planId = await workshop.run(PLAN);
  await archivePlan(workshop.deps, { planId, actorId: workshop.actorId, note: 'it is over' });
  archive = await workshop.archive(planId);
  manifest = JSON.parse((await part('manifest.json')).toString()) as ArchiveManifest;
  pem = await workshop.file('key.pem', (workshop.deps.signer as ReturnType<typeof newSigner>).pem);
}, TIMEOUT);
afterAll(() => workshop.close());

async function entries(file: Buffer) {
  const read = async (offset: number, length: number) => file.subarray(offset, offset + length);
  return readTar(read, file.length, ARCHIVE_FILES);
}

async function part(name: string, file = archive): Promise<Buffer> {
  const entry = (await entries(file)).find((each) => each.name === name);
  if (entry === undefined) throw new Error(`there is no ${name}`);
  return file.subarray(entry.offset, entry.offset + entry.size);
}

/** An archive of other files. */
async function packed(parts: Partial<Record<string, Buffer>>, file = archive): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (const name of ARCHIVE_FILES) {
    const content = parts[name] ?? (await part(name, file));
    pieces.push(tarHeader(name, content.length), content, tarPadding(content.length));
  }
  return Buffer.concat([...pieces, TAR_END]);
}

/** The same archive with one bit of one byte changed. */
async function flipped(name: string, at: number): Promise<Buffer> {
  const entry = (await entries(archive)).find((each) => each.name === name);
  const copy = Buffer.from(archive);
  const place = (entry?.offset ?? 0) + at;
  copy.writeUInt8(copy.readUInt8(place) ^ 1, place);
  return copy;
}

interface Verified {
  readonly code: number;
  readonly report: ArchiveReport;
}

function planwright(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const cli = path.resolve('dist/apps/cli/main.js');
  const env = { PATH: TEST_PATH, PLANWRIGHT_HOME: '/nonexistent' };
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function verified(content: Buffer, ...options: readonly string[]): Promise<Verified> {
  const file = await workshop.file('plan.planwright-archive', content);
  const { code, stdout, stderr } = await planwright('verify-archive', file, '--json', ...options);
  if (stdout === '') throw new Error(stderr);
  return { code, report: (JSON.parse(stdout) as { data: ArchiveReport }).data };
}

const places = ({ report }: Verified) => report.findings.map(({ file, place }) => `${file}: ${place ?? ''}`);

describe('the archive of a plan that ran', () => {
  it(
    'is reproduced verdict by verdict, with its key pinned and the repository at hand',
    async () => {
      const clone = await workshop.kit.folder.next('clone');
      await git(workshop.kit.folder.path, 'clone', '--quiet', workshop.origin, clone);
      const { code, report } = await verified(archive, '--key', pem, '--repo', clone);
      expect(report.findings).toEqual([]);
      expect(report.verdicts.map(({ task, outcome, result }) => [task, outcome, result])).toContainEqual([
        `${manifest.plan.number}.1`,
        'fail',
        'reproduced',
      ]);
      expect(new Set(report.verdicts.map(({ result }) => result))).toEqual(new Set(['reproduced']));
      expect(report.verdicts.length).toBeGreaterThanOrEqual(4);
      expect(report.signature).toMatchObject({ valid: true, pinned: true });
      expect([report.result, code]).toEqual(['reproduced', 0]);
    },
    TIMEOUT,
  );

  it(
    'is reproduced with its checks run again',
    async () => {
      const { code, report } = await verified(archive, '--checks');
      expect([report.result, report.verdicts.flatMap(({ details }) => details), code]).toEqual([
        'reproduced',
        [],
        0,
      ]);
    },
    TIMEOUT,
  );

  it(
    'says plainly that a key is not pinned, and refuses one that was not',
    async () => {
      const file = await workshop.file('plan.planwright-archive', archive);
      expect((await planwright('verify-archive', file)).stdout).toContain('which you have not pinned');
      const other = await verified(archive, '--key', 'ab'.repeat(32));
      expect([other.code, other.report.signature?.pinned, other.report.result]).toEqual([
        1,
        false,
        'tampered',
      ]);
    },
    TIMEOUT,
  );

  it('holds neither prompts nor commands', async () => {
    const text = (await part('manifest.json')).toString();
    expect(text).not.toContain('nobody’s business');
    expect(text).not.toContain('PLANWRIGHT_ATTEMPT');
  });

  it('names a repository that does not have its commits', async () => {
    const stranger = await workshop.kit.folder.next('stranger');
    await git(workshop.kit.folder.path, 'init', '--quiet', stranger);
    const { code, report } = await verified(archive, '--repo', stranger);
    expect([code, report.findings[0]?.place]).toEqual([1, '/plan/baseCommit']);
  });
});

describe('a changed byte is found where it is', () => {
  it(
    'in the manifest, with the event that it is in',
    async () => {
      const text = await part('manifest.json');
      const at = text.indexOf('"plan.started"') + 3;
      const seq = manifest.events.findIndex(({ type }) => type === 'plan.started');
      const found = await verified(await flipped('manifest.json', at));
      expect(found.code).toBe(1);
      expect(
        places(found).some((place) => /^manifest\.json: bytes \d+ to \d+, from \/.+ to \/events/.test(place)),
      ).toBe(true);
      expect(places(found)).toContain(`manifest.json: /events/${seq}`);
    },
    TIMEOUT,
  );

  it(
    'in the envelope: payload, signature and key',
    async () => {
      const text = await part('envelope.json');
      const inValue = (key: string) => text.indexOf(`"${key}":"`) + key.length + 20;
      for (const key of ['payload', 'sig', 'keyid']) {
        const found = await verified(await flipped('envelope.json', inValue(key)));
        expect([key, found.code, found.report.result]).toEqual([key, 1, 'tampered']);
        expect(places(found).every((place) => place.startsWith('envelope.json'))).toBe(true);
      }
    },
    TIMEOUT,
  );

  it(
    'in the bundle, and in the container',
    async () => {
      const bundle = await part('repo.bundle');
      const inside = await verified(await flipped('repo.bundle', bundle.length - 40));
      expect(places(inside)[0]).toMatch(/^repo\.bundle: bytes \d+ to \d+$/);
      expect(inside.code).toBe(1);
      const header = Buffer.from(archive);
      header.writeUInt8(header.readUInt8(3) ^ 1, 3);
      expect(places(await verified(header))).toEqual(['archive: byte 3']);
      const cut = await verified(archive.subarray(0, archive.length - 1));
      expect([cut.code, cut.report.findings[0]?.file]).toEqual([1, 'archive']);
    },
    TIMEOUT,
  );
});

/** What somebody makes who can change everything and sign it, but has another key. */
async function resigned(change: (copy: ArchiveManifest) => void, file = archive): Promise<Buffer> {
  const copy = JSON.parse((await part('manifest.json', file)).toString()) as ArchiveManifest;
  change(copy);
  const { format: _format, tools, bundle, key: _key, ...record } = copy;
  const digest = digestOf(await part('repo.bundle', file), PIECE_BYTES['repo.bundle']);
  const sealed = await sealPlan(newSigner(), record, { ...bundle, blob: '', digest }, tools);
  return packed({ 'manifest.json': sealed.manifest, 'envelope.json': sealed.envelope }, file);
}

describe('an archive that was signed anew with another key', () => {
  it(
    'is refused where the key is pinned, and its verdict is found to be another',
    async () => {
      const forged = await resigned((copy) => {
        const run = copy.runs.find(({ verdict }) => verdict?.outcome === 'fail');
        if (run?.verdict === undefined || run.verdict === null) throw new Error('nothing failed');
        run.status = 'passed';
        run.verdict.outcome = 'pass';
      });
      const unpinned = await verified(forged);
      expect(unpinned.report.findings).toEqual([]);
      expect(unpinned.report.signature).toMatchObject({ valid: true, pinned: null });
      const changed = unpinned.report.verdicts.filter(({ result }) => result === 'changed');
      expect(changed.map(({ details }) => details[0])).toEqual(['the outcome was pass and is fail']);
      expect([unpinned.report.result, unpinned.code]).toEqual(['changed', 1]);
      const pinned = await verified(forged, '--key', pem);
      expect([pinned.report.result, places(pinned)]).toEqual([
        'tampered',
        ['envelope.json: /signatures/0/keyid'],
      ]);
    },
    TIMEOUT,
  );

  it(
    'names the event that was changed, and one that was left out',
    async () => {
      const rewritten = await resigned((copy) => void (copy.events[2]!.payload['note'] = 'nothing happened'));
      expect(places(await verified(rewritten))).toEqual(['manifest.json: /events/2']);
      const rehashed = await resigned((copy) => {
        const event = copy.events[2]!;
        event.payload['note'] = 'nothing happened';
        event.hash = eventHash(copy.plan.id, event);
      });
      expect(places(await verified(rehashed))).toEqual(['manifest.json: /events/3']);
      const shorter = await resigned((copy) => void copy.events.splice(3, 1));
      expect(places(await verified(shorter))).toContain('manifest.json: /events/3');
    },
    TIMEOUT,
  );

  it(
    'names a spec whose text was changed',
    async () => {
      const forged = await resigned((copy) => void (copy.specs[0]!.text += '\n'));
      const found = await verified(forged);
      expect(places(found)).toEqual(['manifest.json: /specs/0/text']);
      expect(found.report.verdicts.some(({ result }) => result === 'tampered')).toBe(true);
    },
    TIMEOUT,
  );
});

describe('a plan that was edited between two verdicts on one candidate', () => {
  let edited: Buffer;

  beforeAll(async () => {
    const { deps, actorId } = workshop;
    const tasks = [
      {
        key: 'ci',
        title: 'CI',
        executor: { command: 'mkdir -p .planwright && echo "on: push" > .planwright/ci.yml' },
        maxAttempts: 1,
      },
      {
        key: 'three',
        title: 'Three',
        executor: { command: 'echo "export const three = 3;" > src/three.js' },
        spec: { spec: 1, rules: [rule('src/three.js', 'tree')] },
        maxAttempts: 1,
      },
    ];
    const plan = { name: 'Edited', phases: [{ name: 'One', mode: 'parallel', tasks }] };
    const id = await workshop.run(plan);
    await updateTask(deps, {
      planId: id,
      actorId,
      taskNumber: 1,
      changes: { mayChange: ['.planwright/**'] },
    });
    const spec = { spec: 1, rules: [rule('src/three.js', 'three')] };
    await updateTask(deps, { planId: id, actorId, taskNumber: 2, changes: { spec } });
    for (const taskNumber of [1, 2]) await verifyAgain(deps, { planId: id, actorId, taskNumber });
    await workshop.work();
    await archivePlan(deps, { planId: id, actorId });
    edited = await workshop.archive(id);
  }, TIMEOUT);

  const outcomes = ({ report }: Verified, task: number) =>
    report.verdicts.flatMap((verdict) => (verdict.task.endsWith(`.${task}`) ? [verdict] : []));

  it(
    'has each verdict reproduced under what it was taken',
    async () => {
      const found = await verified(edited);
      for (const task of [1, 2])
        expect(
          outcomes(found, task)
            .map(({ outcome }) => outcome)
            .slice(0, 2),
        ).toEqual(['fail', 'pass']);
      expect(found.report.verdicts.flatMap(({ details }) => details)).toEqual([]);
      expect([found.report.result, found.code]).toEqual(['reproduced', 0]);
    },
    TIMEOUT,
  );

  it(
    'and without that, as archives once were, is read by what its tasks had at the end',
    async () => {
      const older = await resigned(({ runs }) => runs.forEach((run) => delete run.judgedUnder), edited);
      const found = await verified(older);
      expect(found.report.findings).toEqual([]);
      const results = [1, 2].map((task) =>
        outcomes(found, task).map(({ outcome, result }) => [outcome, result]),
      );
      for (const each of results) {
        expect(each).toContainEqual(['fail', 'changed']);
        expect(each).toContainEqual(['pass', 'reproduced']);
      }
    },
    TIMEOUT,
  );
});

it('what was once written is canonical: the same record gives the same bytes', async () => {
  expect((await part('manifest.json')).toString()).toBe(canonicalJson(manifest));
});
