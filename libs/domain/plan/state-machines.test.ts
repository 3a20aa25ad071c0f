import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ASSIGNMENT_MACHINE } from '../assignments/assignment.machine.js';
import { WORK_ITEM_MACHINE } from '../assignments/work-item.js';
import { ATTEMPT_MACHINE } from './attempt.machine.js';
import { DELIVERY_MACHINE } from './delivery.machine.js';
import { INTEGRATION_MACHINE } from './integration.machine.js';
import type { Machine } from './machine.js';
import { PHASE_MACHINE } from './phase.machine.js';
import { PLAN_MACHINE } from './plan.machine.js';
import { TASK_MACHINE } from './task.machine.js';
import { RUN_MACHINE } from './verification-run.machine.js';

/** The drawings by the heading above them. */
const MACHINES: Readonly<Record<string, Machine<string>>> = {
  Plan: PLAN_MACHINE,
  Phase: PHASE_MACHINE,
  Task: TASK_MACHINE,
  Attempt: ATTEMPT_MACHINE,
  'Verification run': RUN_MACHINE,
  Integration: INTEGRATION_MACHINE,
  Delivery: DELIVERY_MACHINE,
  Assignment: ASSIGNMENT_MACHINE,
  'Work item': WORK_ITEM_MACHINE,
};

const NOWHERE = '[*]';
const page = readFileSync(resolve('docs/state-machines.md'), 'utf8');
const drawings = parseDrawings(page);

describe('docs/state-machines.md', () => {
  it('draws every machine, and nothing else', () => {
    expect([...drawings.keys()]).toEqual(Object.keys(MACHINES));
  });

  it.each(Object.entries(MACHINES))('draws the %s as it is', (name, machine) => {
    const arrows = drawings.get(name) ?? [];
    const steps = Object.entries(machine).flatMap(([from, tos]) => tos.map((to) => `${from} --> ${to}`));
    const ends = Object.keys(machine).filter((status) => machine[status]?.length === 0);
    const drawn = arrows.filter(([from]) => from !== NOWHERE).map(([from, to]) => `${from} --> ${to}`);
    expect(drawn.sort()).toEqual([...steps, ...ends.map((status) => `${status} --> ${NOWHERE}`)].sort());
  });

  it.each(Object.entries(MACHINES))('lets the %s begin in one of its statuses', (name, machine) => {
    const begins = (drawings.get(name) ?? []).filter(([from]) => from === NOWHERE).map(([, to]) => to);
    expect(begins).toHaveLength(1);
    expect(Object.keys(machine)).toEqual(expect.arrayContaining(begins));
  });
});

/** Arrows of each `stateDiagram-v2`, by the last heading before it. Lines that are no arrow fail the test. */
function parseDrawings(text: string): Map<string, [from: string, to: string][]> {
  const found = new Map<string, [string, string][]>();
  for (const section of text.split(/^## /m).slice(1)) {
    const name = section.slice(0, section.indexOf('\n')).trim();
    const body = /^```mermaid\nstateDiagram-v2\n([\s\S]*?)^```$/m.exec(section)?.[1];
    if (body === undefined) continue;
    found.set(name, body.trim().split('\n').map(parseArrow));
  }
  return found;
}

function parseArrow(line: string): [from: string, to: string] {
  const [, from, to] = /^\s*(\S+) --> (\S+)(?: : \S.*)?$/.exec(line) ?? [];
  if (from === undefined || to === undefined) throw new Error(`not an arrow: ${line}`);
  return [from, to];
}
