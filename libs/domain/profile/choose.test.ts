import fc from 'fast-check';
import { chooseProfile, type Candidate } from './choose.js';
import { PROFILE_STATUSES } from './profile.js';

const NAMES = ['sql', 'css', 'typescript', 'writing'];

const capabilities = fc.uniqueArray(
  fc.record({ name: fc.constantFrom(...NAMES), level: fc.integer({ min: 1, max: 5 }) }),
  { selector: ({ name }) => name },
);
const candidates = fc.uniqueArray(
  fc.record({
    slug: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    status: fc.constantFrom(...PROFILE_STATUSES),
    capabilities,
    load: fc.nat({ max: 3 }),
  }),
  { selector: ({ slug }) => slug },
);
const needs = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 });

const able = (each: Candidate, wanted: readonly string[]) =>
  each.status === 'active' && wanted.every((name) => each.capabilities.some((own) => own.name === name));
const level = (each: Candidate, wanted: readonly string[]) =>
  each.capabilities.filter(({ name }) => wanted.includes(name)).reduce((sum, own) => sum + own.level, 0);

const shuffled = candidates.chain((list) =>
  fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
);

it('the order in which candidates and needs come plays no part', () => {
  fc.assert(
    fc.property(shuffled, needs, ([one, other], wanted) => {
      const asked = { profile: null, needs: wanted };
      const again = { profile: null, needs: [...wanted].reverse() };
      const first = chooseProfile(asked, one).profile?.slug;
      expect(chooseProfile(again, other).profile?.slug).toBe(first);
      expect(chooseProfile(asked, other)).toEqual(chooseProfile(asked, one));
    }),
  );
});

it('one is chosen exactly when one is able, and none that is able has a higher level, or the same with less to do', () => {
  fc.assert(
    fc.property(candidates, needs, (list, wanted) => {
      const { profile } = chooseProfile({ profile: null, needs: wanted }, list);
      const fit = list.filter((each) => able(each, wanted));
      if (profile === null) {
        expect(fit).toEqual([]);
        return;
      }
      expect(fit).toContain(profile);
      for (const other of fit) {
        expect(level(other, wanted)).toBeLessThanOrEqual(level(profile, wanted));
        if (level(other, wanted) === level(profile, wanted))
          expect(other.load).toBeGreaterThanOrEqual(profile.load);
      }
    }),
  );
});

const sql = (slug: string, over: Partial<Candidate> = {}): Candidate => ({
  slug,
  status: 'active',
  capabilities: [{ name: 'sql', level: 2 }],
  load: 0,
  ...over,
});

it.each<[string, Candidate[], string]>([
  ['the higher level', [sql('a'), sql('b', { capabilities: [{ name: 'sql', level: 3 }], load: 2 })], 'b'],
  ['the lighter load', [sql('a', { load: 1 }), sql('b')], 'b'],
  [
    'who can do less besides',
    [sql('a', { capabilities: [...sql('a').capabilities, { name: 'css', level: 5 }] }), sql('b')],
    'b',
  ],
  ['the first slug', [sql('b'), sql('a')], 'a'],
  ['who is active', [sql('a', { status: 'archived' }), sql('b', { load: 9 })], 'b'],
])('%s decides', (_, list, slug) => {
  expect(chooseProfile({ profile: null, needs: ['sql'] }, list).profile?.slug).toBe(slug);
});

it('who is named is taken, whatever they can do, unless they are not active', () => {
  const asked = { profile: 'a', needs: ['css'] };
  expect(chooseProfile(asked, [sql('a', { load: 9 }), sql('b')])).toMatchObject({ profile: { slug: 'a' } });
  expect(chooseProfile(asked, [sql('a', { status: 'inactive' })])).toMatchObject({
    profile: null,
    reason: expect.stringContaining('inactive') as unknown,
  });
  expect(chooseProfile(asked, [])).toMatchObject({ profile: null });
});

it('says which capability nobody has, and when only nobody has them all', () => {
  const reason = (needed: string[]) =>
    chooseProfile({ profile: null, needs: needed }, [
      sql('a'),
      sql('b', { capabilities: [{ name: 'css', level: 1 }] }),
    ]).reason;
  expect(reason(['sql', 'rust'])).toContain('no active profile can do rust');
  expect(reason(['sql', 'css'])).toContain('no single active profile can do all of sql, css');
});

it('who asks for nothing is given to nobody', () => {
  expect(chooseProfile({ profile: null, needs: [] }, [sql('a')])).toMatchObject({ profile: null });
});
