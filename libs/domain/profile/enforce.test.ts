import { whyNotUnder } from './enforce.js';
import type { Constraints, ProfileLimits } from './profile.js';

const OPEN: Constraints = {
  writes: [],
  forbids: [],
  maxFiles: null,
  maxLines: null,
  network: true,
  commands: null,
};
const under = (constraints: Partial<Constraints>, tools: ProfileLimits['tools'] = null): ProfileLimits => ({
  constraints: { ...OPEN, ...constraints },
  tools,
});
const AGENT = { kind: 'agent' } as const;

it('a model is kept to everything by its worker', () => {
  const limits = under({ writes: ['docs/**'], network: false, commands: [] }, ['read_file']);
  expect(whyNotUnder(limits, { kind: 'claude' })).toBeNull();
});

it('a command is kept to its lines', () => {
  const limits = under({ commands: ['npm test'], network: false });
  expect(whyNotUnder(limits, { kind: 'command', command: 'npm test -- a' })).toBeNull();
  expect(whyNotUnder(limits, { kind: 'command', command: 'npm test; id' })).toContain('npm test only');
});

it('an agent is kept to what is judged on its diff, and to nothing that only it could keep', () => {
  expect(
    whyNotUnder(under({ writes: ['docs/**'], forbids: ['a'], maxFiles: 1, maxLines: 1 }), AGENT),
  ).toBeNull();
  expect(whyNotUnder(under({}, ['search']), AGENT)).toContain('tools');
  expect(whyNotUnder(under({ commands: ['make'] }), AGENT)).toContain('commands');
  expect(whyNotUnder(under({ network: false }), AGENT)).toContain('network');
});
