import { credentialSettings, NO_CREDENTIALS, withoutSecrets } from './origin-credentials.js';

const credentials = {
  ...NO_CREDENTIALS,
  token: 'general',
  tokens: new Map([['git.example.com:8443', 'special']]),
};
const headerOf = (location: string): string | undefined =>
  credentialSettings(location, credentials).find(([key]) => key.endsWith('.extraHeader'))?.[1];
const basic = (pair: string): string => `Authorization: Basic ${Buffer.from(pair).toString('base64')}`;

test.each([
  ['https://github.com/acme/demo.git', 'x-access-token:general'],
  ['https://me@github.com/acme/demo.git', 'x-access-token:general'],
  ['https://git.example.com:8443/acme/demo', 'x-access-token:special'],
  ['http://127.0.0.1:3000/acme/demo', 'x-access-token:general'],
])('a secret for %s is sent', (location, pair) => {
  expect(headerOf(location)).toBe(basic(pair));
});

test.each([
  'http://git.example.com/acme/demo',
  'http://127.0.0.1.example.com/acme/demo',
  'ssh://git@github.com/acme/demo',
  'git@github.com:acme/demo.git',
  'git://github.com/acme/demo',
  '/srv/demo',
])('nothing is sent to %s', (location) => {
  expect(credentialSettings(location, { ...credentials, helper: 'store' })).toEqual([]);
});

test('a header is for one host, and no redirect is followed with it', () => {
  expect(credentialSettings('https://github.com/acme/demo.git', credentials)).toEqual([
    ['http.followRedirects', 'false'],
    ['http.https://github.com/.extraHeader', basic('x-access-token:general')],
  ]);
});

test('a secret is hidden as it is, as it is sent, and as a password alone', () => {
  const pair = { ...NO_CREDENTIALS, token: 'me:pass-word' };
  const sent = Buffer.from('me:pass-word').toString('base64');
  expect(withoutSecrets(`${sent} me:pass-word pass-word`, pair)).toBe('*** *** ***');
});
