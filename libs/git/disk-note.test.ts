import { tmpdir } from 'node:os';
import { diskNote } from './disk-note.js';

test.each([
  'error: unable to write file large.bin',
  'fatal: write error: No space left on device',
  'fatal: cannot create directory at src',
])('says what is left where git could not write: %s', async (stderr) => {
  expect(await diskNote(stderr, tmpdir())).toMatch(/^\nThe disk of .* has \d+ KiB left/);
});

test.each(['fatal: bad object', "fatal: could not read Username for 'https://example.com'"])(
  'says nothing of disks to other errors: %s',
  async (stderr) => {
    expect(await diskNote(stderr, tmpdir())).toBe('');
  },
);

test('says nothing of a folder that is gone', async () => {
  expect(await diskNote('error: unable to write file a', '/nowhere/at/all')).toBe('');
});
