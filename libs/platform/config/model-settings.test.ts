import { readConfig } from './config.js';
import { readModelSettings, withoutModelKey } from './model-settings.js';
import { secretsOf } from './secrets.js';

const KEY = 'sk-ant-api03-0123456789abcdefghij';

test('without any setting there is no key, and every role has a model', () => {
  const { models, ...rest } = readModelSettings({});
  expect(rest).toEqual({ key: 'absent', apiKey: null, baseUrl: null, effort: null });
  expect(Object.values(models).every((id) => /^claude-/.test(id))).toBe(true);
});

test.each<[Record<string, string>, 'here' | 'workers' | 'absent']>([
  [{ ANTHROPIC_API_KEY: KEY }, 'here'],
  [{ ANTHROPIC_API_KEY: ` ${KEY}\n`, PLANWRIGHT_MODEL_KEY: 'workers' }, 'here'],
  [{ PLANWRIGHT_MODEL_KEY: 'workers' }, 'workers'],
  [{ ANTHROPIC_API_KEY: '', PLANWRIGHT_MODEL_KEY: '' }, 'absent'],
])('the key is where it is said to be: %j', (env, key) => {
  const settings = readModelSettings(env);
  expect(settings.key).toBe(key);
  expect(settings.apiKey).toBe(key === 'here' ? KEY : null);
});

test('one variable sets the model of all roles, another that of one', () => {
  const env = { PLANWRIGHT_MODEL: 'all', PLANWRIGHT_MODEL_REVIEWER: 'one' };
  expect(readModelSettings(env).models).toEqual({ planner: 'all', reviewer: 'one', executor: 'all' });
});

test.each<[string, string]>([
  ['ANTHROPIC_API_KEY', 'secret-word with space'],
  ['ANTHROPIC_API_KEY', 'secret-word’s'],
  ['ANTHROPIC_BASE_URL', 'secret-word'],
  ['ANTHROPIC_BASE_URL', 'https://user:secret-word@gateway.example'],
  ['PLANWRIGHT_MODEL_KEY', 'secret-word'],
  ['PLANWRIGHT_MODEL_PLANNER', 'secret-word two'],
])('a wrong value of %s is refused without being repeated', (name, value) => {
  const refusal = () => readModelSettings({ [name]: value });
  expect(refusal).toThrow(`${name}: must`);
  expect(refusal).not.toThrow('secret-word');
});

test('a service that calls no model has nothing of the provider’s', () => {
  const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_CUSTOM_HEADERS: 'x: y', PATH: '/bin' };
  expect(withoutModelKey(env, true)).toEqual({
    ANTHROPIC_API_KEY: undefined,
    ANTHROPIC_CUSTOM_HEADERS: undefined,
    PLANWRIGHT_MODEL_KEY: 'workers',
  });
  expect(withoutModelKey(env, false)).not.toHaveProperty('PLANWRIGHT_MODEL_KEY');
  expect(withoutModelKey({ PATH: '/bin' }, true)).toEqual({});
});

test('what a process knows of secrets is what its log leaves out', () => {
  const config = readConfig({
    DATABASE_URL: 'postgresql://u:data%40base-word@127.0.0.1/d',
    PLANWRIGHT_HOME: '/srv/home',
    PLANWRIGHT_WORKER_TOKEN: 'worker-token-0123456789',
    ANTHROPIC_API_KEY: KEY,
  });
  expect(secretsOf(config)).toEqual(
    expect.arrayContaining([KEY, 'worker-token-0123456789', 'data@base-word', 'data%40base-word']),
  );
});
