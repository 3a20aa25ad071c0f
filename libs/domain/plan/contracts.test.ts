import type { Spec, SpecCheck, SpecRule } from '../spec/spec.js';
import { contractsBinding, listContracts, type FinishedTask, type Waiver } from './contracts.js';
import { decideWaive } from './decisions/waive.js';
import { aPlan } from '#testing/plan-builder.js';

const DONE = new Date('2026-01-02T03:04:05.678Z');
const rule = (id: string, over: Partial<SpecRule> = {}): SpecRule => {
  const scope = { include: [], exclude: [] };
  return { id, description: '', severity: 'high', scope, within: 'file', ...over };
};
const check = (id: string, over: Partial<SpecCheck> = {}): SpecCheck => {
  return { id, run: 'x', timeoutMs: 1, compare: 'baseline', ...over };
};
function spec(over: Partial<Spec> = {}): Spec {
  const rules = [rule('a.b'), rule('low', { severity: 'low' })];
  return {
    semantics: 'strict',
    name: '',
    rules,
    checks: [],
    pass: { failAt: 'high' },
    guard: false,
    ...over,
  };
}
function task(number: number, over: Partial<FinishedTask> = {}): FinishedTask {
  const green = [
    { id: 'a.b', turned: true },
    { id: 'low', turned: false },
  ];
  const base = {
    key: `k${number}`,
    title: 't',
    commit: null,
    completedAt: DONE,
    spec: spec(),
    supersedes: [],
  };
  return { number, green, ...base, ...over };
}
const waiver = (contract: string, since = DONE): Waiver => {
  return { contract, since, actor: 'owner', note: 'why', at: new Date() };
};
const names = (tasks: readonly FinishedTask[], waivers: readonly Waiver[] = []) =>
  listContracts(tasks, waivers).map(({ name, end }) => `${name}${end === null ? '' : ` ${end.kind}`}`);

describe('what stands', () => {
  it('is what was green when a task turned something, but for what its spec does not count', () => {
    expect(names([task(1)])).toEqual(['1.a.b']);
    expect(names([task(1, { green: [{ id: 'low', turned: true }] })])).toEqual(['1.low']);
    expect(names([task(1, { green: [{ id: 'a.b', turned: false }] })])).toEqual([]);
    expect(names([task(1, { spec: null })])).toEqual([]);
  });

  it('is also what a guard guards, and every check that says nothing else', () => {
    const checks = [check('unit'), check('slow', { standing: false })];
    const green = ['a.b', 'unit', 'slow'].map((id) => ({ id, turned: false }));
    expect(names([task(1, { spec: spec({ guard: true, checks }), green })])).toEqual(['1.a.b', '1.unit']);
  });

  it('ends by a later task that is done, or by a waiver of what that task proved, and not of what it proves anew', () => {
    expect(names([task(1), task(2, { spec: null, supersedes: ['k1.a.b'] })])).toEqual(['1.a.b superseded']);
    expect(names([task(1)], [waiver('1.a.b')])).toEqual(['1.a.b waived']);
    expect(names([task(1)], [waiver('1.a.b', new Date(0)), waiver('1.other')])).toEqual(['1.a.b']);
  });
});

it('binds others, but for whom it is superseded', () => {
  const contracts = listContracts([task(1), task(2)], [waiver('2.a.b')]);
  const bound = (number: number, ...supersedes: string[]) =>
    contractsBinding({ number, supersedes }, contracts).rules.map(({ name }) => name);
  expect(bound(3)).toEqual(['1.a.b']);
  expect(bound(1)).toEqual([]);
  expect(bound(3, 'k1.a.b')).toEqual([]);
  expect(bound(3, 'k1.a', 'k2.a.b')).toEqual(['1.a.b']);
});

it('is waived once, and only if it is there', () => {
  const waive = (contract: string, waivers: readonly Waiver[] = []) =>
    decideWaive(aPlan(), listContracts([task(1)], waivers), { contract, note: 'why', iterationId: 'i' });
  expect(waive('1.a.b').changes).toEqual([
    {
      entity: 'new_iteration',
      id: 'i',
      kind: 'waiver',
      summary: 'Contract 1.a.b waived: why',
      changes: [{ contract: '1.a.b', since: DONE.toISOString(), note: 'why' }],
    },
  ]);
  expect(() => waive('1.a')).toThrow(/no contract 1\.a\b/);
  expect(() => waive('1.a.b', [waiver('1.a.b')])).toThrow(/waived already/);
});
