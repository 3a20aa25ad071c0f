import { profileFileSchema } from '#contracts/profile/profile-file.js';
import { createProfile } from '#engine/commands/create-profile.command.js';
import { ClaudeWorkshop } from '#testing/claude-workshop.js';
import { uses } from '#testing/messages-api/answer.js';

/** A session under a profile: what it is offered, and what is refused before anybody judges it. */

let shop: ClaudeWorkshop;

beforeEach(async () => {
  shop = await ClaudeWorkshop.open({ files: { 'docs/a.md': 'A\n', 'src/a.ts': 'export const a = 1;\n' } });
});
afterEach(() => shop.close());

test('tools that it does not list are not there, and others keep to its scope and commands', async () => {
  const constraints = { writes: ['docs/**'], commands: ['cat docs/a.md'] };
  const tools = ['write_file', 'run_command'];
  const file = { slug: 'docs', type: 'writer', executor: { claude: {} }, constraints, tools };
  await createProfile(shop.deps, profileFileSchema.parse(file));
  const planId = await shop.run(
    [{ key: 'a', title: 'Write', prompt: 'Write it down.', profile: 'docs' }],
    [
      uses('read_file', { path: 'docs/a.md' }),
      uses('write_file', { path: 'docs/../src/a.ts', content: 'x' }),
      uses('run_command', { command: 'cat docs/a.md; id' }),
      uses('run_command', { command: 'cat docs/a.md' }),
      uses('write_file', { path: 'docs/a.md', content: 'B\n' }),
      uses('finish', { summary: 'Written.' }),
    ],
  );
  const given = shop.api.calls.map(({ last }) => last);
  expect(given[0]).toContain('You may change files that match docs/**, and no others.');
  expect(given[1]).toContain('There is no tool read_file');
  expect(given[2]).toContain('may not be written: the profile may write docs/** only');
  expect(given[3]).toContain('Only cat docs/a.md may be run here');
  expect(given[4]).toContain('Exit code 0.');
  expect((await shop.task(planId)).status).toBe('completed');
  expect(await shop.file(planId, 'docs/a.md')).toBe('B');
});
