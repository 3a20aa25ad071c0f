import { createLogger } from './logger.js';

const KEY = 'sk-ant-api03-0123456789abcdefghij';
const TOKEN = 'a token of no known form';

function lines(log: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown>[] {
  const written: string[] = [];
  log(createLogger({ logLevel: 'debug' }, 'api', [TOKEN], { write: (line) => void written.push(line) }));
  expect(written.join('')).not.toMatch(/sk-ant|token of|hidden-word/);
  return written.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('no line has a secret, wherever it stands, and every line stays JSON', () => {
  const error = new Error(`refused ${KEY}`, { cause: new Error(TOKEN) });
  const logged = lines((logger) => {
    logger.error({ err: error }, `with ${TOKEN}`);
    logger.info(
      { deep: [{ url: 'redis://:hidden-word@127.0.0.1', who: 'me@home' }] },
      'said "key": x-api-key: hidden-word-of-2026"',
    );
    logger
      .child({ key: KEY })
      .warn({ headers: { authorization: `Bearer ${TOKEN}`, 'x-api-key': KEY } }, 'child');
  });
  expect(logged).toHaveLength(3);
  expect(logged[1]).toMatchObject({ deep: [{ url: 'redis://:[redacted]@127.0.0.1', who: 'me@home' }] });
});

test('errors are told with their stack', () => {
  const [line] = lines((logger) => logger.error({ err: new TypeError('wrong') }, 'it failed'));
  expect(line).toMatchObject({
    err: { type: 'TypeError', message: 'wrong' },
    msg: 'it failed',
    service: 'api',
  });
});
