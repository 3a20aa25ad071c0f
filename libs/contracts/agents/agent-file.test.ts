import { toExecutor, writtenExecutor } from '#engine/executors.js';
import { parsePlan } from '../plan/parse-plan.js';
import { AGENT_EFFORTS, AGENT_NAMES, type AgentName } from './agent-cli.js';
import { AGENT_CLIS } from './table.js';

const planWith = (executor: object, task: object = {}) =>
  parsePlan({
    name: 'P',
    phases: [{ name: 'One', mode: 'parallel', tasks: [{ title: 'T', executor, ...task }] }],
  });

function problemsOf(executor: object): string[] {
  const parsed = planWith(executor);
  if (parsed.ok) return [];
  return parsed.problems.map(
    ({ path, message }) => `${path.replace('phases[0].tasks[0].executor', '')} ${message}`,
  );
}

function read(executor: object) {
  const parsed = planWith(executor);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const found = parsed.plan.phases[0]?.tasks[0]?.executor;
  if (found === undefined) throw new Error('no executor');
  return found;
}

const minimal = (name: AgentName) => ({ agent: name, ...(name === 'own' ? { command: './agent.sh' } : {}) });

/** All that an entry lets a plan say. */
function everything(name: AgentName): Record<string, unknown> {
  const { model, effort, tools, resume } = AGENT_CLIS[name];
  return {
    ...minimal(name),
    timeout: '90s',
    args: ['--flag', 'value'],
    ...(model === undefined ? {} : { model: model.example }),
    ...(effort === undefined ? {} : { effort: effort.levels[0] }),
    ...(tools?.allow === undefined && tools?.deny === undefined
      ? {}
      : {
          tools: {
            ...(tools.allow === undefined ? {} : { allow: ['A', 'B'] }),
            ...(tools.deny === undefined ? {} : { deny: ['C'] }),
          },
        }),
    ...(resume?.kept === 'service' ? { resume: 'T-1' } : {}),
  };
}

describe.each(AGENT_NAMES)('%s', (name) => {
  it('is read with what it is told, kept, and written again as it was', () => {
    const written = everything(name);
    expect(problemsOf(written)).toEqual([]);
    const config = toExecutor(read(written));
    expect(config).toMatchObject({ kind: 'agent', agent: { name }, timeoutSeconds: 90 });
    expect(writtenExecutor(config)).toEqual(written);
  });

  it('refuses whatever its command line cannot be told, each at its key', () => {
    const { model, effort, tools, resume } = AGENT_CLIS[name];
    const asked: Record<string, object> = {
      ...(model === undefined ? { '.model': { model: 'm' } } : {}),
      ...(effort === undefined ? { '.effort': { effort: 'high' } } : {}),
      ...(tools?.allow === undefined ? { '.tools.allow': { tools: { allow: ['A'] } } } : {}),
      ...(tools?.deny === undefined ? { '.tools.deny': { tools: { deny: ['A'] } } } : {}),
      ...(resume?.kept === 'service' ? {} : { '.resume': { resume: 's' } }),
    };
    for (const [key, more] of Object.entries(asked))
      expect(problemsOf({ ...minimal(name), ...more })).toEqual([
        expect.stringMatching(
          new RegExp(`^\\${key} ${AGENT_CLIS[name].title.replace(/[()]/g, '.')} .*: leave it out, or use `),
        ),
      ]);
  });

  it('refuses levels of effort that it does not know, and says which it does', () => {
    const levels = AGENT_CLIS[name].effort?.levels;
    if (levels === undefined) return expect(levels).toBeUndefined();
    for (const effort of AGENT_EFFORTS.filter((level) => !levels.includes(level)))
      expect(problemsOf({ ...minimal(name), effort })).toEqual([
        `.effort ${AGENT_CLIS[name].title} knows ${levels.join(', ')}`,
      ]);
  });
});

it.each([
  ['an agent that nobody knows', { agent: 'hal' }, /^\.agent must be one of claude, codex,/],
  ['own without its line', { agent: 'own' }, /^\.command is required for agent own/],
  ['another with a line', { agent: 'codex', command: 'x' }, /^\.command is for agent own/],
  ['what is told to an agent, to a command', { command: 'x', model: 'm' }, /^\.model is told to an agent/],
  ['arguments of a milestone', { milestone: {}, args: ['x'] }, /^\.args is told to an agent/],
  ['two executors', { agent: 'codex', milestone: {} }, /not agent and milestone/],
  [
    'a model that would be an option',
    { agent: 'codex', model: '--full-auto' },
    /^\.model must not begin with a dash/,
  ],
  [
    'several tools in one name',
    { agent: 'claude', tools: { deny: ['A,B'] } },
    /^\.tools\.deny\[0\] must be one name/,
  ],
  [
    'an unknown key of tools',
    { agent: 'claude', tools: { alow: ['A'] } },
    /^\.tools\.alow unknown key "alow"; did you mean 'allow'/,
  ],
  [
    'a checkout for what changes files',
    { agent: 'codex', checkout: true },
    /^\.checkout is for tasks with effect none/,
  ],
])('refused: %s', (_, executor, problem) => {
  expect(problemsOf(executor)).toContainEqual(expect.stringMatching(problem));
});

it('without a timeout an agent has an hour, and with effect none it may look at a checkout', () => {
  expect(read({ agent: 'codex' })).toEqual({ agent: { name: 'codex' }, timeout: 3_600 });
  expect(planWith({ agent: 'codex', checkout: true }, { effect: 'none' }).ok).toBe(true);
});
