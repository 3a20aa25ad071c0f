/** A model that always says the same, as rules: the first that is met answers, by the number of answers before it. */
import { mendedSpecs, plan, review } from './plan.mjs';
import { work } from './work.mjs';

export default {
  rules: [
    {
      when: { system: 'You plan changes of a git repository', first: 'Limit sign-in attempts' },
      turns: [{ json: plan }, { json: mendedSpecs }],
    },
    { when: { system: 'You review plans' }, answer: { json: review } },
    ...work,
  ],
};
