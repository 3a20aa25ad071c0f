import { createHash } from 'node:crypto';
import { canonicalJson } from '#domain/canonical-json.js';

/** sha256 (hex) of the canonical JSON. */
export function canonicalHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
