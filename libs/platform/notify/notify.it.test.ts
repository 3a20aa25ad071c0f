import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DecisionBuilder } from '#domain/plan/decision.js';
import { decideAttemptFailed } from '#domain/plan/decisions/execution.js';
import { cancelPlan } from '#engine/commands/cancel-plan.command.js';
import { pausePlan } from '#engine/commands/pause-plan.command.js';
import type { Notice } from '#engine/ports/notice.port.js';
import { Notifier } from '#engine/work/notify.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { StoreScenes } from '#testing/store-scenes.js';
import { splitCommand } from './command-line.js';
import { createNotifyCommand, notifyProblem } from './notify-command.js';

let engine: EngineHarness;
let kit: GitTestKit;
let scenes: StoreScenes;
let folder: string;
let script: string;
let logged: string[];

beforeAll(async () => {
  [engine, kit] = await Promise.all([EngineHarness.open(), GitTestKit.create()]);
  scenes = new StoreScenes(engine.stores);
});
afterAll(async () => {
  await engine.close();
  await kit.remove();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'planwright notify-'));
  script = join(folder, 'tell.sh');
  logged = [];
  await tells('cat >> told; echo "$PLANWRIGHT_EVENT" >> events');
});
afterEach(async () => {
  await engine.stores.db.outbox.deleteMany();
  await rm(folder, { recursive: true });
});

async function tells(body: string): Promise<void> {
  await writeFile(script, `#!/bin/sh\n${body}\n`);
  await chmod(script, 0o755);
}

function notifier(command = script, timeoutMs = 20_000): Notifier {
  const log = (level: string) => (fields: object, text: string) =>
    void logged.push(`${level}: ${text} ${JSON.stringify(fields)}`);
  const deps = {
    ...engine.deps,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
  };
  const env = {
    PATH: process.env['PATH'],
    DATABASE_URL: 'secret',
    ANTHROPIC_API_KEY: 'secret',
    CHANNEL: 'night',
  };
  const notices = command === '' ? null : createNotifyCommand({ command, cwd: folder, timeoutMs }, env);
  return new Notifier(deps, notices);
}

async function lines(file: string): Promise<string[]> {
  const text = await readFile(join(folder, file), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

async function told(): Promise<Notice[]> {
  return (await lines('told')).map((line) => JSON.parse(line) as Notice);
}

/** Sends until nothing is due. */
async function sendAll(sender = notifier()): Promise<void> {
  for (;;) {
    await sender.tick();
    await sender.idle();
    const { db } = engine.stores;
    if ((await db.outbox.count({ where: { kind: 'notify', availableAt: { lte: new Date() } } })) === 0)
      return;
  }
}

const makeDue = () =>
  engine.stores.db.outbox.updateMany({ where: { kind: 'notify' }, data: { availableAt: new Date(0) } });
const waiting = () => engine.stores.db.outbox.findMany({ where: { kind: 'notify' } });
const actorId = () => engine.stores.ownerId;
const oneTask = [{ tasks: [{ key: 'a' }] }];

/** A plan of which something happens that is told. */
async function happens(type: string, times = 1): Promise<string> {
  const planId = await scenes.running(oneTask);
  await engine.stores.onPlan(planId, async (tx) => {
    const builder = new DecisionBuilder(tx.plan);
    for (let task = 1; task <= times; task += 1) builder.event(type, { task });
    await tx.apply(builder.done(), actorId());
  });
  return planId;
}

describe('what is told', () => {
  it('is why a plan paused, which task failed, and what mends it', async () => {
    const planId = await scenes.running([{ tasks: [{ key: 'a', maxAttempts: 1 }] }]);
    const attempt = await scenes.claimed(planId);
    await engine.stores.onPlan(planId, async (tx) => {
      const failed = { failure: 'agent_failed', message: 'the command failed: exit code 2' } as const;
      await tx.apply(decideAttemptFailed(await tx.slice(attempt.taskId), attempt, failed, 0), actorId());
    });
    await sendAll();
    const [notice, ...others] = await told();
    const { number } = await engine.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      event: 'plan.paused',
      plan: { number, status: 'paused', reason: 'task_failed', note: expect.stringContaining('exit code 2') },
      repository: { name: 'demo', origin: '/srv/demo' },
      tasks: [{ task: `${number}.1`, status: 'failed', failure: 'agent_failed', violations: [] }],
      commands: [`planwright show ${number}`, `planwright retry ${number}.1`],
    });
    expect(await lines('events')).toEqual(['plan.paused']);
    expect(await waiting()).toEqual([]);
  });

  it('is a pause that a person asked for, with their note, and a cancellation', async () => {
    const planId = await scenes.running(oneTask);
    await pausePlan(engine.deps, { planId, actorId: actorId(), note: 'lunch' });
    await sendAll();
    await cancelPlan({ ...engine.deps, git: kit.worker() }, { planId, actorId: actorId() });
    await sendAll();
    const [paused, cancelled, ...others] = await told();
    const { number } = await engine.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
    expect(paused).toMatchObject({
      plan: { reason: 'user', note: 'lunch' },
      commands: [`planwright show ${number}`, `planwright resume ${number}`],
    });
    expect(cancelled).toMatchObject({
      event: 'plan.cancelled',
      plan: { status: 'cancelled' },
      commands: [`planwright show ${number}`],
    });
    expect(others).toEqual([]);
  });

  it('is that tasks wait for their approval: once, however many', async () => {
    const phases = [{ approval: 'before_task' as const, tasks: [{ key: 'a' }, { key: 'b' }] }];
    const planId = await scenes.running(phases);
    const { number } = await engine.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
    await sendAll();
    expect(await told()).toMatchObject([
      {
        event: 'task.awaiting_approval',
        tasks: [{ status: 'awaiting_approval' }, { status: 'awaiting_approval' }],
        commands: expect.arrayContaining([
          `planwright approve ${number}.2`,
          `planwright reject ${number}.2 --note …`,
        ]),
      },
    ]);
  });

  it.each(['plan.completed', 'plan.failed', 'phase.awaiting_approval', 'task.awaiting_review'])(
    'is %s, once',
    async (type) => {
      await happens(type, 3);
      await sendAll();
      await sendAll();
      expect(await told()).toMatchObject([{ event: type, payload: { task: 1 } }]);
    },
  );

  it('is that the origin refused the branch, once as long as the reason stays', async () => {
    const planId = await scenes.running(oneTask);
    const { store } = engine.deps;
    for (const error of ['it moved. Rebase.', 'it moved. Rebase.', 'no right to push.'])
      await store.recordPublication(planId, { error });
    await sendAll();
    expect((await told()).map(({ event, payload }) => [event, payload['error']])).toEqual([
      ['plan.publish_refused', 'it moved. Rebase.'],
      ['plan.publish_refused', 'no right to push.'],
    ]);
    await store.recordPublication(planId, { commit: 'a'.repeat(40) });
    await store.recordPublication(planId, { error: 'no right to push.' });
    await sendAll();
    expect(await told()).toHaveLength(3);
  });

  it('is nothing of what goes on by itself', async () => {
    await happens('task.retrying');
    await happens('plan.started');
    expect(await waiting()).toEqual([]);
  });

  it('holds no credentials of the origin', async () => {
    const { db, repositoryId } = engine.stores;
    const origin = (value: string) =>
      db.repository.update({ where: { id: repositoryId }, data: { origin: value } });
    await origin('https://ada:secret@example.com/demo.git');
    await happens('plan.completed');
    await sendAll();
    await origin('/srv/demo');
    expect((await told())[0]?.repository.origin).toBe('https://example.com/demo.git');
  });
});

describe('the command', () => {
  it('has arguments and the environment of a person, but not the database', async () => {
    await tells('echo "$1|$2|$CHANNEL|$DATABASE_URL$ANTHROPIC_API_KEY" >> told');
    await happens('plan.completed');
    await sendAll(notifier(`'${script}' "two words" 'a'b`));
    expect(await lines('told')).toEqual(['two words|ab|night|']);
  });

  it('is run again after it failed, with the same id, and its words are in the log', async () => {
    await tells('cat >> told; test -e again || { touch again; echo "no network"; exit 1; }');
    await happens('plan.completed');
    await sendAll();
    expect(logged.join()).toContain('no network');
    expect(await waiting()).toMatchObject([{ tries: 1, lastError: expect.stringContaining('exit code 1') }]);
    await makeDue();
    await sendAll();
    const [first, second, ...others] = await told();
    expect([second?.id, others]).toEqual([first?.id, []]);
    expect(await waiting()).toEqual([]);
  });

  it('is given up after eight tries, with a line in the log', async () => {
    await tells('cat >> told; exit 1');
    await happens('plan.completed');
    for (let n = 0; n < 10; n += 1) {
      await makeDue();
      await sendAll();
    }
    expect(await told()).toHaveLength(8);
    expect(logged.filter((line) => line.startsWith('error: a notice was given up'))).toHaveLength(1);
    expect(await waiting()).toEqual([]);
  });

  it('that hangs is ended, and holds up no other', async () => {
    await tells('cat > notice; if grep -q plan.failed notice; then sleep 60; fi; cat notice >> told');
    await happens('plan.failed');
    const sender = notifier(script, 2_000);
    await sender.tick();
    await happens('plan.completed');
    await sender.tick();
    while ((await told()).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await told()).toMatchObject([{ event: 'plan.completed' }]);
    await sender.idle();
    expect(await waiting()).toMatchObject([{ lastError: expect.stringContaining('longer than 2 s') }]);
  });

  it('runs at most twice at once', async () => {
    await tells('echo x >> begun; sleep 60');
    for (const type of ['plan.failed', 'plan.completed', 'plan.cancelled']) await happens(type);
    const sender = notifier(script, 1_500);
    for (let n = 0; n < 3; n += 1) await sender.tick();
    await sender.idle();
    expect(await lines('begun')).toHaveLength(2);
  });

  it('that cannot be started is tried again', async () => {
    await happens('plan.completed');
    await sendAll(notifier(join(folder, 'missing')));
    expect(await waiting()).toMatchObject([{ lastError: expect.stringContaining('could not start') }]);
  });

  it('is stopped with the notifier, and what it was sending is kept', async () => {
    await tells('echo x >> begun; sleep 60');
    await happens('plan.completed');
    const sender = notifier();
    const stop = sender.start();
    await sender.tick();
    while ((await lines('begun')).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    stop();
    await sender.idle();
    expect(await waiting()).toHaveLength(1);
  });

  it('that is not set leaves nothing behind', async () => {
    await happens('plan.completed');
    await sendAll(notifier(''));
    expect(await waiting()).toEqual([]);
  });

  it('is looked at without being run', async () => {
    expect(await notifyProblem(script, '')).toBeNull();
    expect(await notifyProblem('sh -c true', '/usr/bin:/bin')).toBeNull();
    expect(await notifyProblem('no-such-program', '/usr/bin:/bin')).toMatch(/is not there/);
    await chmod(script, 0o644);
    const problem = await notifyProblem(script, '');
    expect(problem).toMatch(/not executable/);
    expect(await told()).toEqual([]);
  });
});

it('the example writes one line for a person', async () => {
  const planId = await scenes.running(oneTask);
  await pausePlan(engine.deps, { planId, actorId: actorId(), note: 'lunch' });
  const env = { PATH: process.env['PATH'] };
  const file = join(folder, 'notices.txt');
  const command = `'${join(process.cwd(), 'examples/notify.sh')}' '${file}'`;
  await sendAll(new Notifier(engine.deps, createNotifyCommand({ command, cwd: folder }, env)));
  const { number } = await engine.stores.db.plan.findUniqueOrThrow({ where: { id: planId } });
  const [line, ...others] = await lines('notices.txt');
  expect(line).toMatch(
    new RegExp(
      `^plan.paused #\\d+: plan ${number} .* is paused \\| because of user \\| lunch -> planwright show ${number};`,
    ),
  );
  expect(others).toEqual([]);
});

it.each([
  ['/bin/tell', ['/bin/tell']],
  [`  tell  "two words" 'it''s' a"b c"d  `, ['tell', 'two words', 'its', 'ab cd']],
  ['tell ""', ['tell', '']],
  ['tell "open', null],
  ['tell $HOME *', ['tell', '$HOME', '*']],
  ['   ', null],
])('%j is split like plain words', (text, words) => {
  expect(splitCommand(text)).toEqual(words);
});
