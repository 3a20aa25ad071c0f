import { aPlan } from '#testing/plan-builder.js';
import { PLAN_STATUSES } from '../plan.machine.js';
import { decideGenerate, decideGenerated, decideGenerationFailed } from './generation.js';

const asked = { iterationId: 'i', request: { title: 't' }, hasTasks: false };

it('asks a model for an empty draft', () => {
  const { changes, effects } = decideGenerate(aPlan({ status: 'draft' }), asked);
  expect(changes).toMatchObject([
    { entity: 'plan', from: 'draft', to: 'generating' },
    { entity: 'new_iteration', id: 'i', kind: 'generate', request: { title: 't' } },
  ]);
  expect(effects).toEqual([{ kind: 'deliver', stage: 'generate', id: 'i', delivery: 1 }]);
});

it.each(PLAN_STATUSES.filter((status) => status !== 'draft'))('asks for none that is %s', (status) => {
  expect(() => decideGenerate(aPlan({ status }), asked)).toThrow(`Plan 1 is ${status};`);
});

it('asks for none that has tasks', () => {
  const plan = aPlan({ status: 'draft' });
  expect(() => decideGenerate(plan, { ...asked, hasTasks: true })).toThrow('has tasks already');
});

it('is ready once it is written, and a draft again when nothing came: people are told', () => {
  const plan = aPlan({ status: 'generating' });
  expect(decideGenerated(plan, { tasks: 2 })).toMatchObject({
    changes: [{ from: 'generating', to: 'ready' }],
    effects: [{ kind: 'notify', event: 'plan.generated', payload: { tasks: 2 } }],
  });
  expect(decideGenerationFailed(plan, { iteration: 2, message: 'no' })).toMatchObject({
    changes: [{ from: 'generating', to: 'draft' }],
    effects: [{ kind: 'notify', event: 'generation.failed' }],
  });
});
