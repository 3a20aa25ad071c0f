import { z } from 'zod';
import type { OriginCredentials } from '#git/origin-credentials.js';
import { forgePlace, type ForgePlace } from '../forge/forge-place.js';

const secret = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]*$/, 'must be visible characters without blanks')
  .default('');

/** How the environment names what opens private origins and their forge. The API alone needs it. */
export const originVariables = {
  /** For every origin over HTTPS: a token, or `user:password`. */
  PLANWRIGHT_GIT_TOKEN: secret,
  /** For single hosts: `host=token`, separated by commas. */
  PLANWRIGHT_GIT_TOKENS: z
    .string()
    .default('')
    .refine((text) => entriesOf(text).every(([host, token]) => host !== '' && token !== ''), {
      message: 'must be host=token, separated by commas',
    }),
  /** A credential helper, as git names it. */
  PLANWRIGHT_GIT_CREDENTIAL_HELPER: z.string().trim().default(''),
  PLANWRIGHT_FORGE_TOKEN: secret,
  /** Taken where the one above is not set. */
  GITHUB_TOKEN: secret,
  /** Address of a forge of one's own that answers like GitHub. */
  PLANWRIGHT_FORGE_URL: z
    .string()
    .trim()
    .default('')
    .refine((url) => forgePlace(url) !== null, 'must be an https address'),
};

export interface OriginSettings {
  readonly credentials: OriginCredentials;
  readonly forge: { readonly place: ForgePlace; readonly token: string | null };
}

/** The settings behind variables that were read. */
export function originSettings(data: z.infer<z.ZodObject<typeof originVariables>>): OriginSettings {
  const place = forgePlace(data.PLANWRIGHT_FORGE_URL);
  if (place === null) throw new Error('PLANWRIGHT_FORGE_URL: must be an https address');
  return {
    credentials: {
      token: orNull(data.PLANWRIGHT_GIT_TOKEN),
      tokens: new Map(entriesOf(data.PLANWRIGHT_GIT_TOKENS)),
      helper: orNull(data.PLANWRIGHT_GIT_CREDENTIAL_HELPER),
    },
    forge: { place, token: orNull(data.PLANWRIGHT_FORGE_TOKEN) ?? orNull(data.GITHUB_TOKEN) },
  };
}

/** What a process is given that opens no origin: the variables that hold secrets, empty. */
export const WITHOUT_CREDENTIALS: Readonly<Record<string, string>> = Object.fromEntries(
  ['PLANWRIGHT_GIT_TOKEN', 'PLANWRIGHT_GIT_TOKENS', 'PLANWRIGHT_FORGE_TOKEN', 'GITHUB_TOKEN'].map((name) => [
    name,
    '',
  ]),
);

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

function entriesOf(text: string): [host: string, token: string][] {
  const entries = text.split(',').map((entry) => entry.trim());
  return entries
    .filter((entry) => entry !== '')
    .map((entry) => {
      const at = entry.indexOf('=');
      return at < 0 ? ['', ''] : [entry.slice(0, at).trim().toLowerCase(), entry.slice(at + 1).trim()];
    });
}
