import { hash } from 'node:crypto';
import { canonicalJson } from '#domain/canonical-json.js';

/** sha256 (hex) of the canonical JSON. */
export function canonicalHash(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'hex');
}
