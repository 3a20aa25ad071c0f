import type { CommitFacts, Fact, FileFacts } from '#domain/spec/facts.js';
import { scopeMatcher } from '#domain/spec/rule-sight.js';
import type { Spec, SpecRule, TermKind } from '#domain/spec/spec.js';
import type { FactsPort } from '#engine/ports/facts.port.js';
import type { BlobSource, TreeFile } from '#engine/ports/git.port.js';
import { extractIdentifiers } from './identifiers.js';
import { grammarOf, supportOf, type Grammar } from './languages.js';

export interface FactsConfig {
  /** Larger files are named as not read, which leaves a rule undecided. Default 10 MiB. */
  readonly maxFileBytes?: number;
  /** Blobs whose facts are remembered. Default 20,000. */
  readonly maxRememberedBlobs?: number;
}

const KINDS: readonly TermKind[] = ['identifiers'];
const SYMLINK = '120000';
/** Bounds the source text held in memory at once. */
const BATCH_BYTES = 16 * 1024 * 1024;

/** Extracts facts from committed blobs, each blob once, without a checkout. */
export function createFacts(config: FactsConfig = {}): FactsPort {
  const maxFileBytes = config.maxFileBytes ?? 10 * 1024 * 1024;
  const memo = new BlobMemo(config.maxRememberedBlobs ?? 20_000);
  return {
    async collect({ source, commit, spec, alsoRead }): Promise<CommitFacts> {
      const tree = await source.tree(commit);
      const reach = identifierReach(spec, alsoRead ?? []);
      const wanted = tree.filter((file) => readable(file, maxFileBytes) && reach(file.path));
      const identifiers = await readAll(source, wanted, memo);
      const files = tree.map((file): FileFacts => {
        const found = identifiers.get(file.path);
        const tooLarge = isSource(file) && file.size > maxFileBytes && reach(file.path);
        return {
          path: file.path,
          // A link's blob is a path, not code; what it points at is judged where it lies.
          support: file.mode === SYMLINK ? 'not_source' : supportOf(file.path),
          facts: found === undefined ? {} : { identifiers: found },
          ...(tooLarge && { unread: `larger than ${maxFileBytes} bytes` }),
        };
      });
      return { commit, kinds: KINDS, files };
    },
  };
}

/** Paths that some identifier rule can see. */
function identifierReach(spec: Spec, alsoRead: readonly string[]): (path: string) => boolean {
  const rules = spec.rules.filter(namesIdentifiers);
  const scopes = rules.map(scopeMatcher);
  const extra = new Set(rules.some((rule) => rule.forbid !== undefined) ? alsoRead : []);
  return (path) => extra.has(path) || scopes.some((inScope) => inScope(path));
}

function namesIdentifiers(rule: SpecRule): boolean {
  return [rule.when, rule.require, rule.forbid].some((side) => (side?.terms.identifiers.length ?? 0) > 0);
}

function isSource(file: TreeFile): boolean {
  return file.mode !== SYMLINK && grammarOf(file.path) !== null;
}

function readable(file: TreeFile, maxFileBytes: number): boolean {
  return isSource(file) && file.size <= maxFileBytes;
}

async function readAll(
  source: BlobSource,
  files: readonly TreeFile[],
  memo: BlobMemo,
): Promise<Map<string, readonly Fact[]>> {
  const found = new Map<string, readonly Fact[]>();
  const missing: TreeFile[] = [];
  for (const file of files) {
    const known = memo.get(file);
    if (known === undefined) missing.push(file);
    else found.set(file.path, known);
  }
  for (const batch of batches(missing)) {
    const contents = await source.read(batch.map((file) => file.blob));
    batch.forEach((file, index) => {
      const facts =
        memo.get(file) ?? extractIdentifiers(decode(contents[index]), grammarOf(file.path) as Grammar);
      memo.set(file, facts);
      found.set(file.path, facts);
    });
  }
  return found;
}

function batches(files: readonly TreeFile[]): TreeFile[][] {
  const result: TreeFile[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const file of files) {
    if (bytes + file.size > BATCH_BYTES) {
      result.push([]);
      bytes = 0;
    }
    result.at(-1)?.push(file);
    bytes += file.size;
  }
  return result;
}

/** UTF-8, or UTF-16 where a byte order mark says so, as compilers read it. */
function decode(content: Buffer | undefined): string {
  if (content === undefined) throw new Error('the blob source returned fewer blobs than it was asked for');
  if (content[0] === 0xff && content[1] === 0xfe) return new TextDecoder('utf-16le').decode(content);
  if (content[0] === 0xfe && content[1] === 0xff) return new TextDecoder('utf-16be').decode(content);
  return new TextDecoder().decode(content);
}

/** Facts by blob and grammar; the oldest entry leaves first. */
class BlobMemo {
  private readonly entries = new Map<string, readonly Fact[]>();

  constructor(private readonly limit: number) {}

  get(file: TreeFile): readonly Fact[] | undefined {
    return this.entries.get(this.key(file));
  }

  set(file: TreeFile, facts: readonly Fact[]): void {
    const oldest = this.entries.size >= this.limit ? this.entries.keys().next().value : undefined;
    if (oldest !== undefined) this.entries.delete(oldest);
    this.entries.set(this.key(file), facts);
  }

  private key(file: TreeFile): string {
    return `${file.blob}:${grammarOf(file.path) ?? ''}`;
  }
}
