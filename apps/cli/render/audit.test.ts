import pc from 'picocolors';
import type { PlanAudit } from '#contracts/api/audit.js';
import { renderAudit } from './audit.js';

const colours = pc.createColors(true);
const audited = (parts: PlanAudit['parts']): PlanAudit => ({
  plan: { number: 3, name: 'Away', outcome: 'running', baseCommit: 'a', tipCommit: 'b' },
  parts,
  verdicts: [],
  notes: [],
  result: 'reproduced',
});

it('paints what could not be computed again otherwise than what is wrong', () => {
  const findings = [{ place: 'abc', message: 'It is so.' }];
  const lines = renderAudit(
    audited([
      { part: 'trees', count: 2, result: 'inconclusive', findings },
      { part: 'refs', count: 2, result: 'tampered', findings },
    ]),
    colours,
  );
  expect(lines).toContain(colours.yellow('    abc: It is so.'));
  expect(lines).toContain(colours.red('    abc: It is so.'));
});

it('counts one as one', () => {
  const one = audited([
    { part: 'events', count: 1, result: 'reproduced', findings: [] },
    { part: 'branch', count: 1, result: 'reproduced', findings: [] },
    { part: 'refs', count: 2, result: 'reproduced', findings: [] },
  ]);
  expect(renderAudit(one, pc.createColors(false)).slice(1, 4)).toEqual([
    '✔ 1 event: each follows the one before it',
    '✔ 1 commit of the branch: each landed where it stands',
    '✔ 2 refs: none was moved',
  ]);
});
