import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiled, runScript } from '#testing/processes.js';
import { removeAbandonedFolders, withThrowAwayFolder } from './throw-away-folder.js';

describe('throw-away folders', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'planwright-throw-away-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  /** A process that holds a folder until it is killed. */
  async function holder() {
    const script = runScript(`
      import { withThrowAwayFolder } from ${JSON.stringify(compiled('libs/sandbox/throw-away-folder.js'))};
      await withThrowAwayFolder(${JSON.stringify(root)}, 'attempt', async ({ path }) => {
        process.send({ path });
        await new Promise(() => setInterval(() => {}, 1000));
      });`);
    return { script, path: String((await script.message)['path']) };
  }

  it('are removed after a process that was killed, and stay for one that lives', async () => {
    const [dead, living] = [await holder(), await holder()];
    await dead.script.kill();
    await writeFile(join(root, 'of-somebody-else'), '');
    await withThrowAwayFolder(root, 'command', async ({ path: own }) => {
      await removeAbandonedFolders(root);
      const left = (await readdir(root)).map((name) => join(root, name)).sort();
      expect(left).toEqual([living.path, own, join(root, 'of-somebody-else')].sort());
    });
    await living.script.kill();
    await removeAbandonedFolders(root);
    expect(await readdir(root)).toEqual(['of-somebody-else']);
  });

  it('are removed after a process that had the number of this one', async () => {
    await mkdtemp(join(root, `attempt-${process.pid}-`));
    await removeAbandonedFolders(root);
    expect(await readdir(root)).toEqual([]);
  });
});
