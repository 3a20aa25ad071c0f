import fc from 'fast-check';
import { parsePlan } from '#contracts/plan/parse-plan.js';
import { BACKENDS } from '../queues.js';
import { planFileOf } from './plan.js';
import { scenarioOf } from './scenario.js';

const LEASE_MS = 2_000;
const seeds = fc.integer({ min: 1, max: 1_000_000 });

describe('a scenario', () => {
  it('is determined by its seed', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...BACKENDS), (seed, backend) => {
        expect(scenarioOf(seed, backend, LEASE_MS)).toEqual(scenarioOf(seed, backend, LEASE_MS));
      }),
    );
  });

  it('has a plan that is accepted, and moments in order', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { plan, steps } = scenarioOf(seed, 'redis', LEASE_MS);
        expect(parsePlan(planFileOf(plan, 'Chaos', '/tmp/journal'))).toMatchObject({ ok: true });
        const moments = steps.map(({ after }) => after);
        expect(moments).toEqual([...moments].sort((a, b) => a - b));
      }),
    );
  });

  it('knows every kind of fault, and Redis only where there is one', () => {
    const kindsOn = (backend: (typeof BACKENDS)[number]) =>
      new Set(
        Array.from({ length: 2_000 }, (_, seed) => scenarioOf(seed + 1, backend, LEASE_MS)).flatMap(
          ({ steps }) => steps.map(({ act }) => act.kind),
        ),
      );
    const onRedis = ['flush-redis', 'kill-redis'];
    const everywhere = [
      'cancel',
      'duplicate',
      'freeze',
      'freeze-all',
      'kill',
      'kill-all',
      'kill-postgres',
      'pause',
      'pause-now',
      'signal',
      'skip',
      'stale-lock',
      'terminate',
    ];
    expect([...kindsOn('postgres')].sort()).toEqual(everywhere);
    expect([...kindsOn('redis')].sort()).toEqual([...everywhere, ...onRedis].sort());
  });
});
