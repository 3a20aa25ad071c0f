import { readConfig } from './config.js';
import { readQueueSettings } from './queue-settings.js';

const REQUIRED = { DATABASE_URL: 'postgresql://u:p@127.0.0.1/d', PLANWRIGHT_HOME: '/srv/home' };
const REDIS = 'redis://:secret-word@127.0.0.1:6379/2';

test('the queues are in the database unless something else is said', () => {
  expect(readConfig(REQUIRED).queue).toEqual({ backend: 'postgres', url: REQUIRED.DATABASE_URL });
  expect(readQueueSettings({})).toEqual({ backend: 'postgres', redisUrl: undefined });
});

test('they are in the Redis that is named', () => {
  const env = { ...REQUIRED, QUEUE_BACKEND: 'redis', REDIS_URL: REDIS };
  expect(readConfig(env).queue).toEqual({ backend: 'redis', url: REDIS });
});

test('a service without the address of its Redis says what to set', () => {
  expect(() => readConfig({ ...REQUIRED, QUEUE_BACKEND: 'redis' })).toThrow(/REDIS_URL.*QUEUE_BACKEND/);
  expect(() => readConfig({ ...REQUIRED, QUEUE_BACKEND: 'redis', REDIS_URL: '' })).toThrow('REDIS_URL');
});

test('a person may leave the address out: a Redis is then started', () => {
  expect(readQueueSettings({ QUEUE_BACKEND: 'redis' })).toEqual({ backend: 'redis', redisUrl: undefined });
});

test.each(['127.0.0.1:6379', 'http://:secret-word@127.0.0.1', 'redis://', 'secret-word'])(
  'what is no address of a Redis is refused without being repeated: %s',
  (REDIS_URL) => {
    const refusal = () => readQueueSettings({ QUEUE_BACKEND: 'redis', REDIS_URL });
    expect(refusal).toThrow('redis://:password@host:6379');
    expect(refusal).not.toThrow('secret-word');
  },
);

test('an unknown backend is refused by name, and REDIS_URL matters to Redis only', () => {
  expect(() => readQueueSettings({ QUEUE_BACKEND: 'rabbit' })).toThrow('QUEUE_BACKEND');
  expect(readQueueSettings({ REDIS_URL: 'of another program' }).backend).toBe('postgres');
});
