import { ApiClient } from '../api/client.js';
import { CliError, EXIT, type ExitCode } from '../exit-codes.js';
import { findApi } from '../local/installation.js';
import { numberArgument } from '../number-argument.js';
import { colours, print, printJson, say } from '../output/output.js';
import { repositoryOf } from '../repository-argument.js';
import { wantsJson, type FormatOptions } from './plans.js';

export interface AnalogousOptions extends FormatOptions {
  readonly repo: string;
  readonly kind: string;
  readonly like?: string;
  readonly near?: string;
  readonly ref?: string;
  readonly limit: string;
}

/** Shows what a repository has already like a name. */
export async function analogous(name: string | undefined, options: AnalogousOptions): Promise<ExitCode> {
  const like = options.like ?? name;
  if (like === undefined || (options.like !== undefined && name !== undefined)) {
    throw new CliError(
      EXIT.usage,
      'Say what the new one will be called, once.',
      'planwright analogous --kind api_route --like "POST /api/users"',
    );
  }
  const client = new ApiClient(findApi());
  const origin = repositoryOf(options.repo);
  const known = (await client.repositories()).find((repository) => repository.origin === origin);
  const { id } = known ?? (await client.registerRepository(origin));
  const { kind, near, ref } = options;
  const found = await client.analogous(id, {
    kind,
    like,
    limit: String(numberArgument('--limit', options.limit)),
    ...(near !== undefined && { near }),
    ...(ref !== undefined && { ref }),
  });
  if (wantsJson(options)) {
    printJson('analogous', found);
    return EXIT.ok;
  }
  for (const each of found.items) {
    print(colours.bold(`${each.file}:${each.startLine}-${each.endLine}`) + `  ${each.score.toFixed(2)}`);
    print(each.name === each.signature ? each.name : `${each.name}  ${colours.dim(each.signature)}`);
    for (const line of each.snippet.split('\n')) print(`    ${line}`.trimEnd());
    if (!each.whole) print('    …');
    print('');
  }
  say(`${found.items.length} found on ${found.commit.slice(0, 12)}.`);
  return EXIT.ok;
}
