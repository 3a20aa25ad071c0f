import { parseSpec } from '#contracts/spec/parse-spec.js';

type Read = ReturnType<typeof parseSpec>;

const KEPT = 2_000;
/** The least recently used go first. */
const read = new Map<string, Read>();

/**
 * A spec's text as it was read before: every verification of a plan reads the specs of all its finished tasks, and what
 * is remembered of a commit by rule is found again under the same rule.
 */
export function readSpec(text: string): Read {
  const spec = read.get(text) ?? parseSpec(text);
  read.delete(text);
  read.set(text, spec);
  for (const oldest of read.keys()) {
    if (read.size <= KEPT) break;
    read.delete(oldest);
  }
  return spec;
}
