import { readAgentSettings } from './agent-settings.js';

test('only variables that an entry of the table names are kept', () => {
  const { environment } = readAgentSettings({
    CODEX_API_KEY: 'k',
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:4000',
    GOOSE_MODEL: 'm',
    DATABASE_URL: 'postgres://secret',
    PLANWRIGHT_WORKER_TOKEN: 't',
  });
  expect(Object.values(environment).filter((value) => value !== undefined)).toHaveLength(3);
  expect(environment).toMatchObject({ CODEX_API_KEY: 'k', GOOSE_MODEL: 'm' });
});

test('by default nothing is added: no hosts, no logins', () => {
  expect(readAgentSettings({})).toMatchObject({ hosts: [], loginHome: null });
});

test('hosts are names, with commas and with or without a port', () => {
  const { hosts } = readAgentSettings({
    PLANWRIGHT_AGENT_HOSTS: 'registry.npmjs.org, *.example.com,git.corp:8443 ,',
  });
  expect(hosts).toEqual(['registry.npmjs.org', '*.example.com', 'git.corp:8443']);
});

test.each([
  ['PLANWRIGHT_AGENT_HOSTS', 'https://registry.npmjs.org', /is no host: write name/],
  ['PLANWRIGHT_AGENT_HOSTS', '*', /is no host/],
  ['PLANWRIGHT_AGENT_HOSTS', '127.0.0.1:5432', /is this machine: only the base URL/],
  ['PLANWRIGHT_AGENT_HOME', 'logins', /must be an absolute path/],
])('%s=%s is refused by name', (name, value, message) => {
  expect(() => readAgentSettings({ [name]: value })).toThrow(message);
  expect(() => readAgentSettings({ [name]: value })).toThrow(name);
});
