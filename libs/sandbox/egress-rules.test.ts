import { EgressRules, isOfThisMachine } from './egress-rules.js';

const granted = (list: readonly string[], authority: string) =>
  new EgressRules(list).find(authority) !== null;

test.each([
  ['a name', ['api.example.com'], 'api.example.com:443'],
  ['whatever its letters and its last dot', ['API.example.com'], 'api.EXAMPLE.com.:443'],
  ['what ends in a name', ['*.example.com'], 'a.b.example.com:443'],
  ['a name with its port', ['api.example.com:8443'], 'api.example.com:8443'],
  ['a loopback address that is named', ['127.0.0.1:4000'], '127.0.0.1:4000'],
  ['one of six', ['[::1]:4000'], '[::1]:4000'],
  ['localhost with its port', ['localhost:4000'], 'localhost:4000'],
])('granted: %s', (_, list, authority) => {
  expect(granted(list, authority)).toBe(true);
});

test.each([
  ['another name', ['api.example.com'], 'example.com:443'],
  ['a name that only ends alike', ['*.example.com'], 'badexample.com:443'],
  ['the name itself where what ends in it is listed', ['*.example.com'], 'example.com:443'],
  ['another port', ['api.example.com'], 'api.example.com:22'],
  ['another port of a loopback address', ['127.0.0.1:4000'], '127.0.0.1:4001'],
  ['another loopback address', ['127.0.0.1:4000'], '127.0.0.2:4000'],
  ['another name of loopback', ['127.0.0.1:4000'], 'localhost:4000'],
  ['localhost as a name', ['localhost'], 'localhost:443'],
  ['an address', ['api.example.com'], '192.0.2.1:443'],
  ['no port', ['api.example.com'], 'api.example.com'],
  ['a name with an account', ['api.example.com'], 'user@api.example.com:443'],
  ['no host', ['api.example.com'], ':443'],
])('refused: %s', (_, list, authority) => {
  expect(granted(list, authority)).toBe(false);
});

test.each([
  'http://api.example.com',
  'api.example.com/path',
  '*',
  'a b',
  '',
  '*.example.com:443',
  '127.0.0.1',
])('what is no host is refused: %j', (entry) => {
  expect(() => new EgressRules([entry])).toThrow(/is no host/);
});

test('only addresses of the machine itself that are named are its own', () => {
  const rules = new EgressRules(['a.example.com', '127.0.0.1:1234', '192.0.2.1:80', 'localhost:5678']);
  expect(rules.loopback().map(({ host, port }) => `${host}:${port}`)).toEqual([
    '127.0.0.1:1234',
    'localhost:5678',
  ]);
});

test.each([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '169.254.169.254',
  '::1',
  '::',
  'fe80::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
])('%s leads to the machine itself, or to what only it should reach', (address) => {
  expect(isOfThisMachine(address)).toBe(true);
});

test.each(['192.0.2.1', '2001:db8::1', '10.255.255.254'])('%s is another machine', (address) => {
  expect(isOfThisMachine(address)).toBe(false);
});
