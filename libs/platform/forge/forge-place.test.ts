import { forgePlace, forgeRepository, GITHUB, type ForgePlace } from './forge-place.js';

test.each([
  ['', GITHUB],
  ['https://api.github.com', GITHUB],
  ['https://github.example.com', { api: 'https://github.example.com/api/v3', host: 'github.example.com' }],
  [
    'https://forge.example.com/api/v1/',
    { api: 'https://forge.example.com/api/v1', host: 'forge.example.com' },
  ],
  ['http://127.0.0.1:9000/api/v3', { api: 'http://127.0.0.1:9000/api/v3', host: '127.0.0.1' }],
])('%j is a forge', (setting, place) => {
  expect(forgePlace(setting)).toEqual(place);
});

test.each([
  'http://forge.example.com',
  'ftp://forge.example.com',
  'forge.example.com',
  'https://me:pw@forge.example.com',
])('%s is none that a token may be sent to', (setting) => {
  expect(forgePlace(setting)).toBeNull();
});

test.each([
  'https://github.com/acme/demo.git',
  'https://github.com/acme/demo/',
  'https://me@github.com/acme/demo',
  'git@github.com:acme/demo.git',
  'ssh://git@github.com:22/acme/demo.git',
])('%s is acme/demo', (origin) => {
  expect(forgeRepository(origin, GITHUB)).toEqual({ owner: 'acme', name: 'demo' });
});

test.each([
  '/srv/github.com/acme/demo',
  'https://github.com.example.com/acme/demo',
  'https://example.com/github.com/acme',
  'git@example.com:acme/demo.git',
  'https://github.com/acme',
  'https://github.com/acme/demo/more',
  'https://github.com/acme/..',
  'https://github.com/acme/de%2Fmo',
  'file://github.com/acme/demo',
])('%s is no repository of the forge', (origin) => {
  expect(forgeRepository(origin, GITHUB satisfies ForgePlace)).toBeNull();
});
