import fc from 'fast-check';
import { stringify } from 'yaml';
import type { PlanFileInput } from '#contracts/plan/plan-file.js';
import { createPlan } from '#engine/commands/create-plan.command.js';
import { createStarterProfiles } from '#engine/commands/create-profile.command.js';
import { EngineHarness } from '#testing/engine-harness.js';
import { createOrigin } from '#testing/git-repositories.js';
import { GitTestKit } from '#testing/git-test-kit.js';
import { loadDraft } from '../load-draft.js';
import { PlanExporter } from './plan-exporter.js';

const SPEC = 'spec: 1\nname: There\nrules:\n  - id: there\n    require: { files: [a.txt] }\n';

let harness: EngineHarness;
let kit: GitTestKit;
let create: (plan: { yaml: string } | { value: unknown }) => Promise<string>;

beforeAll(async () => {
  harness = await EngineHarness.open();
  kit = await GitTestKit.create();
  const repository = await createOrigin(await kit.folder.next('origin'));
  const deps = { ...harness.deps, git: kit.worker() };
  const actorId = harness.stores.ownerId;
  await createStarterProfiles(deps);
  create = async (plan) => (await createPlan(deps, { repository, plan, actorId })).id;
});
afterAll(async () => {
  await harness.close();
  await kit.remove();
});

const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9 äß'":#-]{0,20}$/).filter((text) => text.trim() === text);
const globs = fc.array(fc.constantFrom('src/**', 'test/a.ts', '*.md'), { maxLength: 2 });

/** What is done by no plain command alone, and the effect of such tasks. */
const steps: fc.Arbitrary<
  Pick<PlanFileInput['phases'][number]['tasks'][number], 'executor' | 'effect' | 'profile' | 'needs'>
> = fc.constantFrom(
  { executor: { command: 'true', checkout: true }, effect: 'none' },
  { executor: { milestone: {} } },
  { executor: { wait: { for: '90s' } } },
  { executor: { wait: { until: '2026-12-01T08:00:00+01:00' } } },
  { executor: { wait: { event: 'released', timeout: '1h' } } },
  { executor: { wait: { event: 'released' } } },
  { executor: { external: {} }, effect: 'none' },
  { profile: 'backend' },
  { needs: ['sql'], executor: { profile: {} } },
  { executor: { command: 'true' }, profile: 'docs', needs: [] },
);

/** Plans whose tasks depend on earlier ones only. */
const plans = fc
  .array(
    fc.record({
      name: word,
      description: fc.oneof(fc.constant(''), word),
      mode: fc.constantFrom('sequential' as const, 'parallel' as const, 'manual' as const),
      successCriteria: fc.array(word, { maxLength: 2 }),
      approval: fc.constantFrom(undefined, 'none' as const, 'before_task' as const, 'both' as const),
      atEnd: fc.constantFrom('continue' as const, 'approve' as const, 'pause' as const),
      concurrency: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
      tasks: fc.array(
        fc.record({
          title: word,
          prompt: fc.oneof(fc.constant(''), word),
          seconds: fc.integer({ min: 1, max: 86_400 }),
          mayChange: globs,
          writes: globs,
          maxAttempts: fc.integer({ min: 1, max: 20 }),
          spec: fc.boolean(),
          step: fc.option(steps, { nil: null }),
          needs: fc.array(fc.constantFrom('sql', 'typescript', 'css'), { maxLength: 3 }),
          after: fc.array(fc.nat({ max: 8 }), { maxLength: 2 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  )
  .map((phases): PlanFileInput => {
    let count = 0;
    const proven: string[] = [];
    return {
      name: 'Plan',
      metadata: { ticket: 'A-1', list: [1, { deep: null }] },
      concurrency: 3,
      priority: -7,
      autoCommit: false,
      setup: { commands: ['make deps'], inputs: ['*.lock'], caches: ['deps'], timeout: '90s' },
      phases: phases.map(({ tasks, approval, concurrency, ...phase }) => ({
        ...phase,
        ...(approval === undefined ? {} : { approval }),
        ...(concurrency === undefined ? {} : { concurrency }),
        tasks: tasks.map(({ after, seconds, spec, step, mayChange, writes, ...task }) => {
          const before = count;
          count += 1;
          const dependsOn = [...new Set(after.filter((other) => other < before))].map((other) => `k${other}`);
          const executor = { command: 'true', timeout: `${seconds}s` };
          const common = { ...task, key: `k${before}`, dependsOn };
          if (step !== null) return { ...common, ...step };
          const supersedes = proven.slice(-1);
          if (spec) proven.push(`k${before}.there`);
          return { ...common, mayChange, writes, supersedes, executor, ...(spec ? { spec: SPEC } : {}) };
        }),
      })),
    };
  });

/** A plan without what each plan has for itself. */
async function essence(planId: string): Promise<unknown> {
  const { draft } = await harness.stores.sql.transaction((tx) => loadDraft(tx, planId));
  return JSON.parse(JSON.stringify(draft, (key, value: unknown) => (key === 'id' ? undefined : value)));
}

it('an exported plan creates the same plan again, as a value and as a file', async () => {
  const exporter = new PlanExporter(harness.stores.sql);
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      const first = await create({ value: plan });
      const exported = await exporter.export(first);
      const fromValue = await create({ value: exported });
      const fromFile = await create({ yaml: stringify(exported) });
      expect(await essence(fromValue)).toEqual(await essence(first));
      expect(await essence(fromFile)).toEqual(await essence(first));
      expect(await exporter.export(fromFile)).toEqual(exported);
    }),
    { numRuns: 12, examples: [[{ name: 'Empty', phases: [] }]] },
  );
});

it('what is not there exports nothing', async () => {
  const nobody = '01a1fcaf-4248-748b-b49c-d000671387d7';
  expect(await new PlanExporter(harness.stores.sql).export(nobody)).toBeNull();
});
