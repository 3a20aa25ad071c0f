import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crashAt, takenFault, type Fault } from './crash-at.js';

const BLOCK_MS = 30;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'planwright-crash-'));
  file = path.join(folder, 'fault.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const want = (fault: Fault) => writeFileSync(file, JSON.stringify(fault));

it('blocks the process that reaches the point, once', () => {
  const reach = crashAt(file, 'api');
  want({ point: 'published', blockMs: BLOCK_MS });
  reach('committed');
  expect(existsSync(takenFault(file))).toBe(false);
  const before = performance.now();
  reach('published');
  expect(performance.now() - before).toBeGreaterThanOrEqual(BLOCK_MS - 1);
  expect([existsSync(file), existsSync(takenFault(file))]).toEqual([false, true]);
});

it('leaves a fault of another service to it', () => {
  want({ point: 'published', service: 'executor-worker', blockMs: BLOCK_MS });
  crashAt(file, 'api')('published');
  expect(existsSync(file)).toBe(true);
  crashAt(file, 'executor-worker')('published');
  expect(existsSync(file)).toBe(false);
});

it('does nothing without a file, or while there is none', () => {
  expect(() => crashAt(null, 'api')('published')).not.toThrow();
  expect(() => crashAt(file, 'api')('published')).not.toThrow();
});

it('refuses a point that nobody reaches', () => {
  writeFileSync(file, '{"point":"no.such"}');
  expect(() => crashAt(file, 'api')('published')).toThrow(/point/);
});
