import fc from 'fast-check';
import { compileGlob } from '../spec/glob.js';
import { dealSlots, pickTasks, scopesOverlap } from './schedule.js';

const folders = fc.array(fc.constantFrom('src', 'lib', 'auth', 'srcs'), { minLength: 1, maxLength: 3 });
const path = fc
  .tuple(folders, fc.constantFrom('a.ts', 'b.ts', 'srcs.ts'))
  .map(([parts, name]) => [...parts, name].join('/'));
const glob = fc.oneof(
  path,
  folders.map((parts) => `${parts.join('/')}/**`),
  folders.map((parts) => `${parts.join('/')}*/*.ts`),
  folders.map((parts) => `${parts.join('/')}/?.ts`),
  fc.constantFrom('**', '**/*.ts', 'src/*.ts', 'src/{auth,lib}/**', 'src/[ab].ts'),
);
const scope = fc.array(glob, { maxLength: 3 });
const ready = fc
  .array(scope, { maxLength: 12 })
  .map((scopes) => scopes.map((writeScope, i) => ({ id: `t${i}`, writeScope })));
const window = fc.record({
  slots: fc.integer({ min: -2, max: 6 }),
  activeScopes: fc.array(scope, { maxLength: 3 }),
});

describe('pickTasks', () => {
  it('never picks more tasks than there are free slots', () => {
    fc.assert(
      fc.property(ready, window, (tasks, free) => {
        expect(pickTasks(tasks, free).length).toBeLessThanOrEqual(Math.max(0, free.slots));
      }),
    );
  });

  it('never picks tasks whose write scopes overlap each other or an active one', () => {
    fc.assert(
      fc.property(ready, window, (tasks, free) => {
        const scopes = [...free.activeScopes, ...pickTasks(tasks, free).map((task) => task.writeScope)];
        for (let i = 0; i < scopes.length; i += 1) {
          for (let k = Math.max(i + 1, free.activeScopes.length); k < scopes.length; k += 1) {
            expect(scopesOverlap(scopes[i] ?? [], scopes[k] ?? [])).toBe(false);
          }
        }
      }),
    );
  });

  it('keeps the order given and picks nothing twice', () => {
    fc.assert(
      fc.property(ready, window, (tasks, free) => {
        const at = pickTasks(tasks, free).map((task) => tasks.indexOf(task));
        expect(at).toEqual([...new Set(at)].sort((a, b) => a - b));
      }),
    );
  });

  it('leaves a slot empty only when every task left overlaps with something that runs', () => {
    fc.assert(
      fc.property(ready, window, (tasks, free) => {
        const picked = pickTasks(tasks, free);
        if (picked.length >= free.slots) return;
        const running = [...free.activeScopes, ...picked.map((task) => task.writeScope)];
        for (const task of tasks.filter((one) => !picked.includes(one))) {
          expect(running.some((other) => scopesOverlap(other, task.writeScope))).toBe(true);
        }
      }),
    );
  });

  it('always picks the first task when nothing runs and a slot is free', () => {
    fc.assert(
      fc.property(ready, fc.integer({ min: 1, max: 4 }), (tasks, slots) => {
        expect(pickTasks(tasks, { slots, activeScopes: [] })[0]).toBe(tasks[0]);
      }),
    );
  });

  it('picks nothing when more slots are in use than the plan has', () => {
    expect(pickTasks([{ id: 'a', writeScope: [] }], { slots: -1, activeScopes: [] })).toEqual([]);
  });
});

describe('scopesOverlap', () => {
  it('is the same both ways', () => {
    fc.assert(fc.property(scope, scope, (a, b) => expect(scopesOverlap(a, b)).toBe(scopesOverlap(b, a))));
  });

  it('says yes whenever some path matches both sides', () => {
    fc.assert(
      fc.property(glob, glob, path, (left, right, file) => {
        fc.pre(compileGlob(left)(file) && compileGlob(right)(file));
        expect(scopesOverlap([left], [right])).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('lets a task without a declared scope run beside everybody', () => {
    fc.assert(fc.property(scope, (other) => expect(scopesOverlap([], other)).toBe(false)));
  });

  it.each([
    ['src/a.ts', 'src/a.ts', true],
    ['src/a.ts', 'src/b.ts', false],
    ['src/auth/**', 'src/auth/a.ts', true],
    ['src/auth/**', 'src/reports/a.ts', false],
    ['src/auth/**', 'src/**', true],
    ['src/auth/**', 'src/reports/**', false],
    ['**', 'anything', true],
  ])('%s and %s: %s', (left, right, expected) => {
    expect(scopesOverlap([left], [right])).toBe(expected);
  });
});

describe('dealSlots', () => {
  const claimants = fc
    .array(
      fc.record({
        priority: fc.integer({ min: -1, max: 1 }),
        active: fc.integer({ min: 0, max: 6 }),
        wants: fc.integer({ min: -1, max: 6 }),
      }),
      { maxLength: 6 },
    )
    .map((all) => all.map((claimant, at) => ({ id: `p${at}`, ...claimant })));
  const free = fc.integer({ min: -2, max: 20 });
  const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);

  it('deals every slot that somebody wants, and to nobody more than they want', () => {
    fc.assert(
      fc.property(claimants, free, (all, slots) => {
        const dealt = dealSlots(slots, all);
        const wanted = sum(all.map(({ wants }) => Math.max(0, wants)));
        expect(sum([...dealt.values()])).toBe(Math.max(0, Math.min(slots, wanted)));
        for (const { id, wants } of all) expect(dealt.get(id) ?? 0).toBeLessThanOrEqual(Math.max(0, wants));
      }),
    );
  });

  it('deals to no plan while one of higher priority, or one with less, could use the slot', () => {
    fc.assert(
      fc.property(claimants, free, (all, slots) => {
        const dealt = dealSlots(slots, all);
        const of = (id: string) => dealt.get(id) ?? 0;
        for (const lucky of all.filter(({ id }) => of(id) > 0)) {
          for (const other of all.filter(({ id, wants }) => of(id) < wants)) {
            expect(other.priority).toBeLessThanOrEqual(lucky.priority);
            if (other.priority === lucky.priority) {
              expect(other.active + of(other.id)).toBeGreaterThanOrEqual(lucky.active + of(lucky.id) - 1);
            }
          }
        }
      }),
    );
  });

  it('does not depend on the order in which the plans are named', () => {
    fc.assert(
      fc.property(claimants, free, (all, slots) => {
        const [one, other] = [dealSlots(slots, all), dealSlots(slots, [...all].reverse())];
        expect(Object.fromEntries(other)).toEqual(Object.fromEntries(one));
      }),
    );
  });

  it('gives a small plan among ten large ones every next free slot until it has its share', () => {
    const large = Array.from({ length: 10 }, (_, at) => ({
      id: `l${at}`,
      priority: 0,
      active: 4,
      wants: 1_000,
    }));
    let active = 0;
    for (; active < 4; active += 1) {
      const small = { id: 'small', priority: 0, active, wants: 5 - active };
      expect(Object.fromEntries(dealSlots(1, [...large, small]))).toEqual({ small: 1 });
    }
    const small = { id: 'small', priority: 0, active, wants: 1 };
    expect(dealSlots(11, [...large, small]).get('small')).toBe(1);
    expect(dealSlots(1, [...large, { ...small, active: 5 }]).has('small')).toBe(false);
  });
});
