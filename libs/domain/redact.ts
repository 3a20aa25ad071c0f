/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

/** Shorter values are words: taking them out would take out text. */
const MIN_SECRET_LENGTH = 8;

/** Keys of well-known services, private keys and passwords in addresses, recognised by their form. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\bsk-(?:ant-|proj-|live-|test-)?[A-Za-z0-9_-]{16,}/g, REDACTED],
  [/\bgh[pousr]_[A-Za-z0-9]{20,}/g, REDACTED],
  [/\bgithub_pat_[A-Za-z0-9_]{20,}/g, REDACTED],
  [/\bglpat-[A-Za-z0-9_-]{16,}/g, REDACTED],
  [/\bxox[abprs]-[A-Za-z0-9-]{10,}/g, REDACTED],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, REDACTED],
  [/\bAIza[A-Za-z0-9_-]{35}/g, REDACTED],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g, REDACTED],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/\b(bearer\s+)[A-Za-z0-9._~+/-]{16,}=*/gi, `$1${REDACTED}`],
  [
    /\b((?:x-api-key|authorization|proxy-authorization)["']?\s*[:=]\s*["']?)(?!bearer\b)[^\s"',;]{8,}/gi,
    `$1${REDACTED}`,
  ],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+(@)/gi, `$1${REDACTED}$2`],
];

/**
 * The text without the secrets that are known and without what looks like one.
 *
 * @param secrets values that must not appear, whatever their form; null and short ones are passed over
 */
export function redact(text: string, secrets: readonly (string | null | undefined)[] = []): string {
  const known = secrets
    .filter((secret): secret is string => typeof secret === 'string' && secret.length >= MIN_SECRET_LENGTH)
    // The longest first: one secret may be a part of another.
    .sort((a, b) => b.length - a.length);
  const without = known.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  return PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), without);
}
