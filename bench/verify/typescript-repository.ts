import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rawGit } from '../repository.js';

const FILES_PER_FOLDER = 40;
const METHODS = 13;

export function sourcePath(index: number): string {
  const folder = Math.floor(index / FILES_PER_FOLDER);
  return `src/area-${folder % 25}/part-${folder}/service-${index}.ts`;
}

/** A repository of so many TypeScript files of 150 lines; a few of them hold what a migration looks for. */
export async function generateTypeScript(path: string, files: number): Promise<void> {
  await mkdir(path, { recursive: true });
  await rawGit(path, 'init', '--quiet', '--initial-branch=main');
  await rawGit(path, 'config', 'gc.auto', '0');
  for (let folder = 0; folder < files; folder += FILES_PER_FOLDER) {
    await mkdir(dirname(join(path, sourcePath(folder))), { recursive: true });
    const indexes = Array.from({ length: Math.min(FILES_PER_FOLDER, files - folder) }, (_, i) => folder + i);
    await Promise.all(indexes.map((index) => writeFile(join(path, sourcePath(index)), source(index, 0))));
  }
  await rawGit(path, 'add', '--all');
  await rawGit(path, 'commit', '--quiet', '-m', 'Generated');
}

/** Changes five files and commits them. @returns the commit */
export async function commitFive(path: string, files: number, round: number): Promise<string> {
  for (let part = 0; part < 5; part += 1) {
    const index = (round * 11 + part * Math.floor(files / 5)) % files;
    await writeFile(join(path, sourcePath(index)), source(index, round));
  }
  await rawGit(path, 'commit', '--quiet', '--all', '-m', `Round ${round}`);
  return await rawGit(path, 'rev-parse', 'HEAD');
}

function source(index: number, round: number): string {
  const next = index + 1;
  return `import { Store } from '../store-${index % 50}.js';
import type { Order, Result } from '../model-${index % 20}.js';

/** Orders of area ${index}. */
export class Service${index} {
  private readonly cache = new Map<string, Order>();

  constructor(private readonly store: Store, private readonly limit = ${index % 90}) {}
${Array.from({ length: METHODS }, (_, method) => body(index, method)).join('')}}

export const service${index} = new Service${index}(Store.open('service-${next}'), ${round});
${index % 500 === 7 ? `legacyAuth(service${index}, jwt.sign({ id: ${index} }, process.env.JWT_SECRET));\n` : ''}`;
}

function body(index: number, method: number): string {
  return `
  async load${method}(id: string, options: { deep: boolean; depth?: number }): Promise<Result<Order>> {
    // A cached order is as good as a fresh one.
    const known = this.cache.get(\`\${id}-${method}\`);
    if (known !== undefined && !options.deep) return { ok: true, value: known };
    const found = await this.store.find(id, options.depth ?? ${method}, ['name', 'total']);
    if (found === null) return { ok: false, reason: 'No order ' + id + ' in area ${index}.' };
    const total = found.lines.reduce((sum, line) => sum + line.price * line.count, 0);
    this.cache.set(id, { ...found, total, at: found.updatedAt.getTime() });
    return total > this.limit ? { ok: true, value: found } : { ok: false, reason: found.state };
  }
`;
}
