import { byKey, supersedeProblems, type SupersedingTask } from './supersedes.js';

const task = (
  key: string,
  number: number,
  proves: string[] | null,
  ...supersedes: string[]
): SupersedingTask => {
  return { key, number, supersedes, proves: () => proves };
};
const TASKS = [task('users', 1, ['route', 'a.b']), task('none', 2, null)];
const messages = (...supersedes: string[]) =>
  supersedeProblems([...TASKS, task('last', 3, ['own'], ...supersedes), task('later', 4, ['r'])]).map(
    ({ task: index, at, message }) => `${index} ${at}: ${message}`,
  );

it('what an earlier task proves can be superseded, by its key or number', () => {
  expect(messages('users.route', '1.a.b')).toEqual([]);
});

it.each([
  ['users', /must name a task and its rule or check/],
  ['nobody.route', /neither the key nor the number/],
  ['9.route', /neither the key nor the number/],
  ['later.r', /"later" does not come before/],
  ['last.own', /"last" does not come before/],
  ['none.route', /has no spec/],
  ['users.a', /no rule or check "a"; it has route, a\.b/],
])('%s is refused with its place', (name, message) => {
  expect(messages('users.route', name)).toEqual([expect.stringMatching(/^2 1: /)]);
  expect(messages('users.route', name)[0]).toMatch(message);
});

it('a number is stored as the key, also where a key looks like a number', () => {
  expect(byKey(TASKS, '2.x.y')).toBe('none.x.y');
  expect(byKey([task('2', 1, []), task('b', 2, [])], '2.x')).toBe('2.x');
  expect(byKey(TASKS, '7.x')).toBe('7.x');
});
