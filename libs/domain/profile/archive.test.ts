import { requireArchived, requireChangeable } from './archive.js';

it.each(['active', 'inactive'] as const)('one that is %s can change, and is not brought back', (status) => {
  expect(() => requireChangeable({ slug: 'sql', status })).not.toThrow();
  expect(() => requireArchived({ slug: 'sql', status })).toThrow(
    expect.objectContaining({
      code: 'conflict',
      message: `The profile sql is ${status}, and not archived.`,
      remedy: expect.stringContaining('planwright agent show sql') as unknown,
    }),
  );
});

it('one that is archived stays as it is until it is brought back', () => {
  expect(() => requireArchived({ slug: 'sql', status: 'archived' })).not.toThrow();
  expect(() => requireChangeable({ slug: 'sql', status: 'archived' })).toThrow(
    expect.objectContaining({
      code: 'conflict',
      message: 'The profile sql is archived; it cannot change.',
      remedy: expect.stringContaining('planwright agent restore sql') as unknown,
    }),
  );
});
